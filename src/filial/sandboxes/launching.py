"""What every back-end does to start a tree, and undoes when it cannot."""

from collections.abc import Callable
from contextlib import ExitStack

from filial.errors import SandboxError
from filial.sandboxes import view
from filial.sandboxes.base import Command, Level, Limits
from filial.sandboxes.cgroups import Cgroup
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.streams import Channels, open_channels


def watch(launch: Callable[[ExitStack], Launched], complaint: str) -> WatchedProcess:
    """Returns the process that ``launch`` starts.

    Args:
        launch: Starts a tree, and puts on the stack how to undo each step.
        complaint: What to say if the machine refuses one.

    Raises:
        SandboxError: It could not be started; nothing of it is left.
    """
    with ExitStack() as undo:
        try:
            process = WatchedProcess(launch(undo))
        except OSError as error:
            raise SandboxError(f"{complaint}: {error}") from error
        undo.pop_all()
        return process


def channels(command: Command, undo: ExitStack) -> tuple[Channels, Channels]:
    """Returns our ends of a command's pipes, and those of its tree."""
    ours, theirs = open_channels(pipes=command.pipes)
    undo.callback(ours.close_all)
    undo.callback(theirs.close_all)
    return ours, theirs


def group(level: Level, limits: Limits, undo: ExitStack) -> Cgroup | None:
    """Returns the control group that a tree of this level gets, if any.

    Raises:
        SandboxError: There is none to be had.
    """
    if level is not Level.L4:
        return None
    tasks = limits.processes + view.SPARE_TASKS
    made = Cgroup.create(memory_bytes=limits.memory_bytes, processes=tasks)
    undo.callback(made.remove)
    return made
