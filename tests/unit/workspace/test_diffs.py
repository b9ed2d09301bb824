import pytest

from filial.core import Edit, Failure, FailureKind, Patch
from filial.workspace import patch_from_diff

FILES = {
    "model.py": "import math\n\nwidth = 1\ndepth = 2\n\n\ndef loss():\n    return 1\n",
    "data/words.txt": "no end",
    "a/nested.py": "x = 1\n",
    "twice.py": "x\ny\nx\ny\n",
    "größe datei.py": "u = 1\n",
    "tab\there": "t\n",
    "empty.py": "",
}


def edits(diff: str) -> dict[str, str | None]:
    patch = patch_from_diff(diff, FILES)
    assert isinstance(patch, Patch), patch
    return {edit.path: edit.text for edit in patch.edits}


WIDER = "@@ -2,3 +2,4 @@ import math\n \n-width = 1\n+width = 4\n+height = 5\n depth = 2\n"
WIDE = FILES["model.py"].replace("width = 1\n", "width = 4\nheight = 5\n")


@pytest.mark.parametrize(
    "header",
    [
        "--- a/model.py\n+++ b/model.py\n",
        "--- model.py\n+++ model.py\n",
        "--- a/model.py\n+++ model.py\n",
        "--- model.py\t2024-01-01 00:00:00\n+++ model.py\t2024-01-02\n",
        "--- a/model.py\r\n+++ b/model.py\r\n",
        "diff --git a/model.py b/model.py\nindex 1..2 100644\n--- a/model.py\n+++ b/model.py\n",
        "Here is the change.\n\n- it is wider\n```diff\n--- a/model.py\n+++ b/model.py\n",
    ],
)
def test_headers(header: str) -> None:
    assert edits(header + WIDER) == {"model.py": WIDE}


@pytest.mark.parametrize(
    "tail",
    ["", "```\nThat was it.\n", "-- \n2.39.5\n", "\n\n", "diff --git a/x b/x\nold mode 100644\n"],
)
def test_what_may_follow(tail: str) -> None:
    files = {**FILES, "x": ""}
    patch = patch_from_diff("--- a/model.py\n+++ b/model.py\n" + WIDER + tail, files)
    assert patch == Patch(edits=(Edit(path="model.py", text=WIDE),))


def test_blanks_lost_at_line_ends_and_at_the_end_of_the_diff() -> None:
    diff = "--- a/model.py\n+++ b/model.py\n" + WIDER.replace("\n \n", "\n\n")
    assert edits(diff.rstrip()) == {"model.py": WIDE}


def test_several_files_new_and_deleted_ones() -> None:
    diff = """\
diff --git a/a/nested.py b/a/nested.py
deleted file mode 100644
--- a/a/nested.py
+++ /dev/null
@@ -1 +0,0 @@
-x = 1
diff --git a/new/one.py b/new/one.py
new file mode 100644
index 0000000..1111111
--- /dev/null
+++ b/new/one.py
@@ -0,0 +1,2 @@
+x = 1
+y = 2
\\ No newline at end of file
--- a/data/words.txt
+++ b/data/words.txt
@@ -1 +1 @@
-no end
\\ No newline at end of file
+an end
"""
    assert edits(diff) == {
        "a/nested.py": None,
        "new/one.py": "x = 1\ny = 2",
        "data/words.txt": "an end\n",
    }


def test_git_headers_without_hunks() -> None:
    diff = """\
diff --git a/model.py b/lib/model two.py
similarity index 100%
rename from model.py
rename to lib/model two.py
diff --git a/new empty.py b/new empty.py
new file mode 100644
index 0000000..e69de29
diff --git a/empty.py b/empty.py
deleted file mode 100644
index e69de29..0000000
"""
    assert edits(diff) == {
        "model.py": None,
        "lib/model two.py": FILES["model.py"],
        "new empty.py": "",
        "empty.py": None,
    }


def test_a_rename_with_changes() -> None:
    diff = """\
diff --git a/a/nested.py b/b.py
similarity index 50%
rename from a/nested.py
rename to b.py
--- a/a/nested.py
+++ b/b.py
@@ -1 +1 @@
-x = 1
+x = 2
"""
    assert edits(diff) == {"a/nested.py": None, "b.py": "x = 2\n"}


def test_quoted_paths() -> None:
    diff = """\
diff --git "a/gr\\303\\266\\303\\237e datei.py" "b/gr\\303\\266\\303\\237e datei.py"
--- "a/gr\\303\\266\\303\\237e datei.py"\t
+++ "b/gr\\303\\266\\303\\237e datei.py"\t
@@ -1 +1 @@
-u = 1
+u = 2
diff --git "a/tab\\there" "b/tab\\there"
deleted file mode 100644
--- "a/tab\\there"
+++ /dev/null
@@ -1 +0,0 @@
-t
diff --git "a/q\\"\\\\" "b/q\\"\\\\"
new file mode 100644
"""
    assert edits(diff) == {"größe datei.py": "u = 2\n", "tab\there": None, 'q"\\': ""}


def test_a_folder_named_like_a_prefix() -> None:
    diff = "--- a/nested.py\n+++ a/nested.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert edits(diff) == {"a/nested.py": "x = 2\n"}


def test_lines_that_look_like_headers() -> None:
    diff = (
        "--- a/model.py\n+++ b/model.py\n@@ -1 +1,2 @@\n-import math\n+-- a/x\n+++ b/x\n"
        "@@ -3 +4 @@\n-width = 1\n+@@ -1 +1 @@\n"
    )
    assert edits(diff) == {
        "model.py": FILES["model.py"]
        .replace("import math\n", "-- a/x\n++ b/x\n")
        .replace("width = 1", "@@ -1 +1 @@")
    }


def test_two_sections_of_one_file_add_up() -> None:
    one = "--- a/model.py\n+++ b/model.py\n@@ -3 +3 @@\n-width = 1\n+width = 2\n"
    two = "--- a/model.py\n+++ b/model.py\n@@ -3 +3 @@\n-width = 2\n+width = 3\n"
    assert edits(one + two) == {"model.py": FILES["model.py"].replace("= 1", "= 3")}


def test_wrong_line_numbers_are_forgiven_where_the_place_is_clear() -> None:
    diff = "--- a/model.py\n+++ b/model.py\n" + WIDER.replace("-2,3 +2,4", "-40,3 +40,4")
    assert edits(diff) == {"model.py": WIDE}
    ambiguous = "--- a/twice.py\n+++ b/twice.py\n@@ -7,2 +7,2 @@\n x\n-y\n+z\n"
    assert_refused(ambiguous, FailureKind.STALE, "twice.py: hunk 1 does not match the file")
    stated = ambiguous.replace("-7,2", "-3,2")
    assert edits(stated) == {"twice.py": "x\ny\nx\nz\n"}


def test_drift_of_earlier_hunks_carries_over() -> None:
    diff = (
        "--- a/twice.py\n+++ b/twice.py\n"
        "@@ -0,0 +1 @@\n+first\n@@ -3,2 +4,1 @@\n x\n-y\n@@ -4,0 +5 @@\n+last\n"
    )
    assert edits(diff) == {"twice.py": "first\nx\ny\nx\nlast\n"}


def assert_refused(diff: str, kind: FailureKind, detail: str) -> None:
    failure = patch_from_diff(diff, FILES)
    assert isinstance(failure, Failure), failure
    assert failure.kind is kind
    assert detail in failure.detail
    assert "\n" not in failure.detail


NAMED = "--- a/model.py\n+++ b/model.py\n"


@pytest.mark.parametrize(
    ("diff", "detail"),
    [
        ("", "no file header"),
        ("make it wider", "no file header"),
        ("--- a/model.py\n", "no file header"),
        ("@@ -1 +1 @@\n-a\n+b\n", "line 1: a hunk before any file header"),
        (NAMED, "the diff changes nothing"),
        (NAMED + "@@ -1 +1 @@\n-import math\n+import math\n", "the diff changes nothing"),
        (NAMED + "@@ nonsense @@\n", "line 3: not a hunk header: '@@ nonsense @@'"),
        (NAMED + "@@ -1,2 +1 @@\n-a\n", "line 5: the hunk is shorter than its header says"),
        (NAMED + "@@ -1,0 +1,2 @@\n a\n+b\n+c\n", "the hunk is longer than its header says"),
        (NAMED + "@@ -1 +1 @@\n-a\n+b\n+c\n", "line 6: more lines than the hunk's header says"),
        (NAMED + "@@ -1 +1 @@\n\\ No newline\n", "line 4: not a line of a hunk"),
        (NAMED + "@@ -1 +1 @@\n*a\n", "line 4: not a line of a hunk: '*a'"),
        ("--- model.py\n+++ other.py\n", "model.py and other.py are not the same file"),
        ("--- /dev/null\n+++ /dev/null\n", "names no file"),
        ("diff --git a/x b/y\n", "names no file"),
        ("diff --git a/x b/x\nGIT binary patch\n", "line 2: copies and binary files"),
        ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", "line 2: copies and binary"),
        ("diff --git a/x b/y\ncopy from x\ncopy to y\n", "line 2: copies and binary"),
    ],
)
def test_malformed(diff: str, detail: str) -> None:
    assert_refused(diff, FailureKind.MALFORMED, detail)


@pytest.mark.parametrize(
    ("diff", "detail"),
    [
        (NAMED + "@@ -1 +1 @@\n-import maths\n+x\n", "model.py: hunk 1 does not match the file"),
        (NAMED + "@@ -1 +1 @@\n-import math \n+x\n", "model.py: hunk 1 does not match the file"),
        (NAMED + "@@ -99,0 +99 @@\n+x\n", "model.py: hunk 1 does not match the file"),
        (
            NAMED + "@@ -3 +3 @@\n-width = 1\n+a\n@@ -1 +1 @@\n-import math\n+b\n",
            "model.py: hunk 2 does not match the file",
        ),
        ("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n", "x.py does not exist"),
        ("--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "x.py does not exist"),
        ("--- /dev/null\n+++ b/model.py\n@@ -0,0 +1 @@\n+a\n", "model.py exists already"),
        (
            "--- a/twice.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-x\n-y\n",
            "twice.py is deleted, but not all of its lines are",
        ),
        (
            "--- a/data/words.txt\n+++ b/data/words.txt\n@@ -1 +1 @@\n-no end\n+x\n",
            "words.txt: hunk 1 does not match the file",
        ),
        (
            NAMED + "@@ -3 +3 @@\n-width = 1\n+width = 2\n\\ No newline at end of file\n",
            "model.py: a line without its end is not the last",
        ),
        (
            "--- a/data/words.txt\n+++ b/data/words.txt\n@@ -1,0 +2 @@\n+x\n",
            "words.txt: a line without its end is not the last",
        ),
    ],
)
def test_stale(diff: str, detail: str) -> None:
    assert_refused(diff, FailureKind.STALE, detail)


@pytest.mark.parametrize("header", ["new file mode 120000", "new mode 160000"])
def test_special_files_are_unsafe(header: str) -> None:
    diff = f"diff --git a/x b/x\n{header}\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n"
    assert_refused(diff, FailureKind.UNSAFE, f"line 2: not a regular file: {header}")


def test_a_number_of_too_many_digits_is_malformed() -> None:
    diff = f"{NAMED}@@ -{'9' * 5000} +1 @@\n-x\n+y\n"
    made = patch_from_diff(diff, {"model.py": "x\n"})
    assert isinstance(made, Failure)
    assert made.kind is FailureKind.MALFORMED
