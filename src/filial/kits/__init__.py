"""Ready studies. A kit is a folder that ``filial new`` copies; nothing in it is imported here."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from filial.errors import ConfigError, HostError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What ``filial kits`` tells about a kit.

    Attributes:
        name: Its name.
        goal: What a study made from it tries to improve.
        judged: What its verdicts are about.
    """

    name: str
    goal: str
    judged: str


def catalogue() -> tuple[Kit, ...]:
    """Returns all kits, by name."""
    kits = []
    for path in sorted(_FOLDER.glob("*/study.toml")):
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
        kits.append(
            Kit(
                name=path.parent.name,
                goal=settings["study"]["goal"],
                judged=settings["exam"].get("judged", "recipe"),
            )
        )
    return tuple(kits)


def copy(name: str, folder: Path, *, seed: int | None = None) -> None:
    """Makes ``folder`` a new study from kit ``name``.

    Args:
        name: Name of the kit.
        folder: Must not exist, or be empty.
        seed: Seed of the study's proposals; None for the kit's own.

    Raises:
        ConfigError: There is no such kit, or the folder is in use.
        HostError: The folder cannot be written.
    """
    known = [kit.name for kit in catalogue()]
    if name not in known:
        raise ConfigError(f"there is no kit {name!r}; there are: {', '.join(known)}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is not empty; choose another folder")
    try:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_FOLDER / name, folder, ignore=ignore, dirs_exist_ok=True)
        if seed is not None:
            path = folder / "study.toml"
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("[study]\n", f"[study]\nseed = {seed}\n", 1))
    except OSError as error:
        raise HostError(f"cannot make {folder}: {error}") from None
