"""One command from start to end."""

from filial.sandboxes.base import Command, Outcome, Sandbox


def execute(sandbox: Sandbox, command: Command) -> Outcome:
    """Runs ``command`` to its end and returns how it ended.

    Raises:
        SandboxError: The sandbox could not be set up.
    """
    with sandbox.start(command) as process:
        process.hang_up()
        return process.wait()
