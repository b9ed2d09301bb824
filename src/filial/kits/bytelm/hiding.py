"""Keeps the hidden text out of the sandboxes, where Python itself would show it.

The exam asks about files that every machine with Python and torch has: the standard library, some
packages, C++ headers, licences. A candidate runs on those very files. So its sandbox shows the
library and sympy (which torch imports) as bytecode without docstrings, and nothing of the rest.

What this does not cover: bytecode still holds names and string constants of the hidden files.
"""

import importlib.util
import py_compile
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

from filial.errors import StudyError

LIBRARY = Path(sysconfig.get_path("stdlib"))
NOT_NEEDED = {"test", "tests", "__pycache__", "site-packages", "dist-packages", "idlelib"}
NOT_NEEDED |= {"ensurepip", "lib2to3", "turtledemo"}
# All of the installed packages that a candidate sees; torch needs the smaller ones.
SHOWN = {"numpy", "numpy.libs", "torch", "torchgen", "functorch", "sympy", "mpmath"}
SHOWN |= {"typing_extensions.py", "filelock", "fsspec"}
# Where a system keeps other Pythons, documents and licences.
ELSEWHERE = ("usr/share", "usr/include", "usr/src", "usr/lib/*", "usr/local/*", "usr/local/lib/*")


def write_replacements(private: Path) -> None:
    """Compiles the library and sympy into private/runtime; takes some seconds."""
    _compile(LIBRARY, private / "runtime" / "library")
    (private / "runtime" / "library" / "site-packages").mkdir()
    _compile(_package("sympy"), private / "runtime" / "sympy")


def masks(private: Path) -> Mapping[Path, Path | None]:
    """What the sandbox shows instead of the files that hold hidden text."""
    found: dict[Path, Path | None] = dict.fromkeys(_elsewhere())
    for folder in _site_packages():
        found |= dict.fromkeys(path for path in folder.iterdir() if path.name not in SHOWN)
    found[_package("torch") / "include"] = None
    found[_package("sympy")] = private / "runtime" / "sympy"
    found[LIBRARY] = private / "runtime" / "library"
    inside = LIBRARY / "site-packages"
    if inside in _site_packages():
        found[inside] = inside  # once more, on top of the replaced library
    return found


def _compile(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        inside = path.relative_to(source)
        if path.is_dir() or not NOT_NEEDED.isdisjoint(inside.parts):
            continue
        if inside.parts[0].startswith("config-") or path.suffix not in {".py", ".so"}:
            continue
        made = target / inside
        made.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".so":
            shutil.copyfile(path, made)
            continue
        py_compile.compile(
            str(path),
            cfile=str(made.with_suffix(".pyc")),
            dfile=str(inside),
            doraise=True,
            optimize=2,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def _elsewhere() -> Iterator[Path]:
    """Folders of the system that no program needs, or that hold none of its shared libraries."""
    needed = [LIBRARY, *_site_packages()]
    for pattern in ELSEWHERE:
        for path in Path("/").glob(pattern):
            if path.is_symlink() or not path.is_dir() or any(path.glob("libc.so*")):
                continue
            if not any(place.is_relative_to(path) for place in needed):
                yield path


def _site_packages() -> list[Path]:
    return [
        Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))
    ]


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise StudyError(f"bytelm needs {name} to hide it: pip install 'filial[train]'")
    return Path(spec.submodule_search_locations[0])
