"""Removal of what a candidate left, in whatever shape."""

import os
import stat
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def remove_tree(path: Path) -> None:
    """Removes a file, link or folder with everything in it; does nothing if it is not there.

    Neither deep nesting, nor long paths, nor folders without permissions stand in the way: every
    subfolder is moved up into ``path`` before it is emptied, so that nothing recurses and at most
    two folders are open. No link is followed. Nobody else may change the tree meanwhile.

    Raises:
        OSError: Something could not be removed.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        path.unlink()
        return
    path.chmod(stat.S_IRWXU)
    top = os.open(path, _FOLDER)
    try:
        _empty(top, (f"{uuid.uuid4().hex}-{n}" for n in count()))
    finally:
        os.close(top)
    path.rmdir()


def _empty(top: int, fresh_names: Iterator[str]) -> None:
    """Removes everything in an open folder, one level of the tree after the other."""
    while folders := _strip(top):
        for name in folders:
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                for inner in _strip(folder):
                    os.rename(inner, next(fresh_names), src_dir_fd=folder, dst_dir_fd=top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _strip(folder: int) -> list[str]:
    """Removes all but the folders in an open folder, and opens those up to us; their names."""
    with os.scandir(folder) as entries:
        listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in listed:
        if is_folder:
            os.chmod(name, stat.S_IRWXU, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in listed if is_folder]
