"""Finding a study's exam. It is trusted code; candidate code is never loaded here."""

import difflib
import hashlib
import inspect
import sys
from pathlib import Path
from types import ModuleType

from filial.errors import ConfigError, ExamError
from filial.exams.base import Exam
from filial.exams.marking import check_metrics, quote


def load_exam(reference: str, folder: Path) -> type[Exam]:
    """Returns the exam class that ``reference`` names, executing its file in this process.

    The file may import other files at the top of ``folder``, but only at its own top: they are
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
    """Returns the SHA-256 of the exam's source: every ``*.py`` at the top of ``folder``.

    That is the exam's file and all that it can import from the study. What it reads at run time
    is not covered; data belongs into ``Exam.prepare``, whose manifest has a digest of its own.
    """
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content}  {path.name}\n".encode())
    return total.hexdigest()


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
        sys.path.remove(str(path.parent))
        sys.dont_write_bytecode = not writes_bytecode
        for other in set(sys.modules) - before - {name}:
            if _lies_in(sys.modules[other], path.parent):
                del sys.modules[other]
    return module


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).parent == folder
