"""Finding a study's exam. It is trusted code; candidate code is never loaded here."""

import difflib
import hashlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from filial.errors import ConfigError, ExamError
from filial.exams.base import Exam
from filial.exams.marking import check_metrics, quote

_NOT_THE_EXAM = frozenset({"code", "parts", ".filial", "lineage.git"})
"""Folders of a study whose content is on record in other ways."""


def load_exam(reference: str, folder: Path) -> type[Exam]:
    """Returns the exam class that ``reference`` names, executing its file in this process.

    The file may import other files and packages in ``folder``, but only at its own top: they are
    not found later, and no other study sees them.

    Args:
        reference: ``"exam.py:NextByte"``.
        folder: The study's folder, which holds the file.

    Raises:
        ConfigError: The reference names no class in a file at the top of ``folder``.
        ExamError: The file does not run, or the class is no complete exam.
    """
    file, _, name = reference.partition(":")
    path = folder / file
    if not name.isidentifier() or Path(file).name != file or path.suffix != ".py":
        raise ConfigError(f'exam class {reference!r}: write it like "exam.py:NextByte"')
    if not path.is_file():
        raise ConfigError(f"exam class {reference!r}: there is no file {path}")
    module = _execute(path)
    exam = vars(module).get(name)
    if exam is None:
        known = [key for key, value in vars(module).items() if inspect.isclass(value)]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "define it there"
        raise ConfigError(f"exam class {reference!r}: {file} has no class {name!r}; {hint}")
    if not (inspect.isclass(exam) and issubclass(exam, Exam)):
        raise ConfigError(f"exam class {reference!r}: {name} is no subclass of filial.Exam")
    if missing := sorted(exam.__abstractmethods__):
        raise ExamError(f"{file}: {name} does not define {' and '.join(missing)}")
    check_metrics(exam)
    return exam


def digest(folder: Path) -> str:
    """Returns the SHA-256 of the exam's source: every ``*.py`` below ``folder``, by path.

    That is the exam's file and the modules and packages that it can import from the study. Left
    out are ``code``, ``parts``, ``.filial`` and ``lineage.git``, which are on record themselves.

    What this does not cover: compiled modules, and what the exam reads at run time; data belongs
    into ``Exam.prepare``, whose manifest has a digest of its own. Of links to folders, only those
    at the top of ``folder`` are followed.

    Raises:
        ConfigError: Folders are nested too deeply.
    """
    total = hashlib.sha256()
    try:
        found = sorted((path.relative_to(folder).as_posix(), path) for path in _sources(folder))
    except RecursionError:
        raise ConfigError(f"{folder} holds folders nested too deeply to be read") from None
    for name, path in found:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {name}\n".encode())
    return total.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir() and path.name not in _NOT_THE_EXAM:
            yield from (file for file in path.rglob("*.py") if file.is_file())
        elif path.suffix == ".py" and path.is_file():
            yield path


def _execute(path: Path) -> ModuleType:
    """Returns the module made of the text as it stands now, past any bytecode cache."""
    name = f"_filial_exam_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    sys.modules[name] = module  # dataclasses look their module up there
    writes_bytecode, sys.dont_write_bytecode = not sys.dont_write_bytecode, True
    try:
        code = compile(path.read_bytes(), str(path), "exec")
        exec(code, vars(module))  # noqa: S102 - the study's own exam
    except SyntaxError as error:
        where = f"{Path(error.filename or path).name}:{error.lineno}"
        raise ExamError(f"{where}: {error.msg}; the exam cannot be loaded") from None
    except (Exception, SystemExit) as error:
        raise ExamError(f"the exam cannot be loaded: {quote(error)}") from error
    finally:
        new = set(sys.modules) - before - {name}
        beside = [n for n in new if _lies_in(n.partition(".")[0], path.parent.absolute())]
        for other in beside:
            del sys.modules[other]
        sys.path.remove(str(path.parent))
        sys.dont_write_bytecode = not writes_bytecode
    return module


def _lies_in(name: str, folder: Path) -> bool:
    """Whether a top-level module or package was found in ``folder``, not deeper below it."""
    module = sys.modules.get(name)
    places = list(getattr(module, "__path__", ()))  # of a package, with or without __init__.py
    file = getattr(module, "__file__", None)
    return any(Path(place).parent == folder for place in places or [file] if place)
