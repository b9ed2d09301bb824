"""Reading a folder of code as a candidate would be allowed to write it."""

import os
from collections.abc import Iterator
from pathlib import Path

from filial.errors import CodeError
from filial.workspace.rules import Rules, wrong_path

_LEFT_OUT = frozenset({".git", "__pycache__"})


def snapshot(folder: Path, rules: Rules) -> dict[str, str]:
    """Returns the text of every file under ``folder`` by POSIX path.

    Folders named ``.git`` or ``__pycache__`` are left out.

    Raises:
        CodeError: The folder cannot be read or holds no file, too many, or one that no candidate
            could write; names the path.
    """
    files: dict[str, str] = {}
    for path, name in _files(folder, ""):
        text = _read(path, rules.max_file_bytes)
        wrong = rules.wrong_text(text)
        if wrong:
            raise CodeError(f"{path} {wrong}")
        files[name] = text
        if len(files) > rules.max_files:
            raise CodeError(f"{folder} holds more than {rules.max_files} files")
    if not files:
        raise CodeError(f"{folder} holds no files")
    return files


def _files(folder: Path, above: str) -> Iterator[tuple[Path, str]]:
    """Yields every file with its path below the top; no deeper than a path may be long."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise CodeError(f"{folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        path, name = folder / entry.name, above + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and entry.name in _LEFT_OUT:
            continue
        wrong = wrong_path(name)
        if wrong:
            raise CodeError(f"{path}: the path {wrong}")
        if is_folder:
            yield from _files(path, f"{name}/")
        elif entry.is_file(follow_symlinks=False):
            yield path, name
        else:
            raise CodeError(f"{path} is a symlink or no regular file")


def _read(path: Path, max_bytes: int) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise CodeError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > max_bytes:
        raise CodeError(f"{path} has more than the {max_bytes} bytes allowed")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise CodeError(f"{path} is binary: not valid UTF-8") from None
