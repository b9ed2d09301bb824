"""Why this machine gives less than it could, as far as the kernel's settings tell."""

import os
from pathlib import Path

# file: (value that hinders, what it means)
_SETTINGS = {
    "proc/sys/kernel/unprivileged_userns_clone": "0",
    "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
    "proc/sys/user/max_user_namespaces": "0",
}
_MARKS = (".dockerenv", "run/.containerenv")
_CONTAINERS = ("docker", "lxc", "kubepods", "containerd", "podman")


def of_namespaces(root: Path = Path("/"), uid: int | None = None) -> tuple[str, ...]:
    """Returns what may keep the caller from new namespaces; empty if nothing is known to.

    Args:
        root: Root of the file system that is read.
        uid: The caller's user id; None for that of this process.
    """
    found = []
    is_root = (os.geteuid() if uid is None else uid) == 0
    for name, bad in _SETTINGS.items():
        # Two of them bind only those who are not root.
        if _text(root / name) == bad and not (is_root and "unprivileged" in name):
            found.append(f"{name.removeprefix('proc/sys/').replace('/', '.')} is {bad}")
    rights = _field(root, "CapEff")
    if is_root and rights and int(rights, 16) == 0:
        found.append("root has no capabilities here")
    if _field(root, "Seccomp") == "2":
        found.append("a seccomp filter is on this process")
    if _is_container(root):
        found.append("this is a container")
    return tuple(found)


def of_groups(root: Path = Path("/"), uid: int | None = None) -> tuple[str, ...]:
    """Returns what may keep the caller from control groups; arguments as above."""
    found = []
    if (os.geteuid() if uid is None else uid) != 0:
        found.append("not root; try systemd-run --user --scope -p Delegate=yes")
    if not any(" cgroup" in line for line in _text(root / "proc/mounts").splitlines()):
        found.append("no control groups are mounted")
    if _is_container(root):
        found.append("this is a container")
    return tuple(found)


def _is_container(root: Path) -> bool:
    if any((root / mark).exists() for mark in _MARKS):
        return True
    groups = _text(root / "proc/1/cgroup")
    return any(name in groups for name in _CONTAINERS)


def _field(root: Path, name: str) -> str:
    for line in _text(root / "proc/self/status").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    return ""


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
