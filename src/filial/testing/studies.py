"""Studies for tests that isolate nothing."""

from pathlib import Path

from filial.kits import copy


def copy_without_cheats(kit: str, folder: Path) -> None:
    """Makes ``folder`` a new study from a kit, without its canaries.

    A canary may end the process that runs it, and without a sandbox that is the caller's.

    Args:
        kit: Name of the kit.
        folder: Must not exist, or be empty.
    """
    copy(kit, folder)
    settings = folder / "study.toml"
    lines = settings.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("canary")]
    if len(kept) == len(lines):
        raise ValueError(f"the kit {kit} has no canaries")
    settings.write_text("".join(kept), encoding="utf-8")
