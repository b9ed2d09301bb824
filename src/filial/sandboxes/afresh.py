"""Runs a program in an interpreter that already has modules, as if it had just been started.

Standard library only. The zygote runs it; nothing of Filial is there.

What this does not cover: what a program hangs on the modules that were there before it is not
finalized; a look up the stack finds our two frames below the program's own.
"""

import atexit
import builtins
import contextlib
import ctypes
import gc
import io
import os
import sys
import types
import weakref
from importlib.machinery import BuiltinImporter, SourceFileLoader
from typing import NoReturn

_N_OPTIONS = 3  # the interpreter, -B, -s
_FAILED, _BAD_FLUSH, _INTERRUPTED = 1, 120, 130
_LIBC = ctypes.CDLL(None)

# What was there before the program; this is executed once, by the zygote.
_MODULES = frozenset(sys.modules) - {"__main__"}
_FOLDERS = frozenset(filter(os.path.isdir, sys.path))
# Finalizers of what was there before are not the program's to run, and torch has many.
for _finalizer in tuple(getattr(weakref.finalize, "_registry", ())):
    _finalizer.atexit = False


def is_plain(argv: list[str]) -> bool:
    """Whether ``argv``, with the interpreter's two options, only names a program to run."""
    script = argv[_N_OPTIONS]
    is_file = script.endswith(".py") and os.path.isfile(script)  # noqa: PTH113 - no pathlib here
    return script == "-c" or (is_file and os.access(script, os.R_OK))


def run(argv: list[str]) -> NoReturn:
    """Runs the plain program that ``argv`` names, and ends as the interpreter would."""
    words = argv[_N_OPTIONS:]
    is_code = words[0] == "-c"
    path = words[0]
    sys.orig_argv[:] = argv
    sys.argv[:] = ["-c", *words[2:]] if is_code else words
    folder = "" if is_code else os.path.dirname(os.path.realpath(path))  # noqa: PTH120 - as above
    # Packages of the host that are not shown would be missing afresh.
    sys.path[:] = [folder] + [each for each in sys.path if each not in _FOLDERS or _is_there(each)]
    sys.path_importer_cache.clear()
    if "platform" in sys.modules:
        sys.modules["platform"]._uname_cache = None  # type: ignore[attr-defined] # noqa: SLF001 - the host
    _reseed()
    main = types.ModuleType("__main__")
    main.__dict__.update(__loader__=BuiltinImporter, __annotations__={}, __builtins__=builtins)
    sys.modules["__main__"] = main
    error = None
    try:
        exec(_compiled(words, main.__dict__), main.__dict__)  # noqa: S102 - the point of it all
    except BaseException as caught:  # noqa: BLE001 - whatever it is, it is the program's
        error = _without_us(caught)
    # Out of the handler, so that the program's hook finds no exception being handled.
    code = 0 if error is None else _failed(error)
    del error
    del main
    _end(code)


def _compiled(words: list[str], names: dict[str, object]) -> types.CodeType:
    """The program, after its names are set."""
    path = words[0]
    if path == "-c":
        return compile(words[1] + "\n", "<string>", "exec", dont_inherit=True)
    path = path if path.startswith("/") else f"{os.getcwd()}/{path}"  # noqa: PTH109 - as above
    names.update(__file__=path, __cached__=None, __loader__=SourceFileLoader("__main__", path))
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return compile(file.read(), path, "exec", dont_inherit=True)


def _without_us(error: BaseException) -> BaseException:
    """The exception without the frames of this file, which its traceback begins with."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_globals is globals():
        traceback = traceback.tb_next
    return error.with_traceback(traceback)


def _is_there(folder: str) -> bool:
    return os.path.isdir(folder)  # noqa: PTH112 - no pathlib here


def _reseed() -> None:
    for name in ("random", "numpy.random", "torch"):
        if name in sys.modules:
            module = sys.modules[name]
            getattr(module, "default_generator", module).seed()


def _failed(error: BaseException) -> int:
    """Says what an uncaught exception is to say; returns the exit code."""
    if isinstance(error, SystemExit):
        return _asked(error)
    sys.last_type, sys.last_value = type(error), error
    sys.last_traceback = error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as asked:
        return _asked(asked)
    except BaseException as second:  # noqa: BLE001 - as above
        for words, each in (
            ("Error in sys.excepthook", second),
            ("Original exception was", error),
        ):
            _say(f"{words}:\n")
            sys.__excepthook__(type(each), each, _without_us(each).__traceback__)
            _say("\n" if each is second else "")
    return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else _FAILED


def _asked(error: SystemExit) -> int:
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code if -1 << 63 <= code < 1 << 63 else -1
    _say(f"{code}\n")
    return _FAILED


def _say(words: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(words)
        sys.stderr.flush()


def _end(code: int) -> NoReturn:
    """Ends as the interpreter does, but leaves alone what was there before the program."""
    threads = sys.modules.get("threading")
    if threads is not None:
        threads._shutdown()  # noqa: SLF001 - the interpreter calls it so
    atexit._run_exitfuncs()  # noqa: SLF001 - the interpreter calls it so
    is_flushed = _flush()
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        sys.__dict__.pop(name, None)
    _flush_files()
    new = [name for name in sys.modules if name not in _MODULES]
    left = [weakref.ref(sys.modules.pop(name)) for name in reversed(new)]
    gc.collect()
    for reference in left:
        module = reference()
        if module is not None:
            _clear(module.__dict__)
        del module
    gc.collect()
    is_flushed = _flush() and is_flushed
    _LIBC.fflush(None)
    os._exit(code & 0xFF if is_flushed else _BAD_FLUSH)


def _flush_files() -> None:
    """Collected in a ring, a file may be closed before what wrote to it is flushed."""
    kinds = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)
    for each in gc.get_objects():
        if issubclass(type(each), kinds):
            with contextlib.suppress(Exception):
                each.flush()


def _clear(names: dict[str, object]) -> None:
    """Lets go of a module's objects in the interpreter's order: private names first."""
    private = [name for name in names if name.startswith("_") and not name.startswith("__")]
    for name in (*private, *names):
        if name != "__builtins__":
            names[name] = None


def _flush() -> bool:
    is_flushed = True
    for stream in (sys.stdout, sys.stderr):
        if stream is None or getattr(stream, "closed", False):
            continue
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001 - anything may stand in the stream's place
            is_flushed = is_flushed and stream is not sys.stdout
    return is_flushed
