"""Causes are read from the kernel's settings, here of machines made up."""

from pathlib import Path

import pytest

from filial.sandboxes import hindrances


def _machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "uid", "expected"),
    [
        ({}, 1000, ()),
        ({"proc/sys/kernel/unprivileged_userns_clone": "1\n"}, 1000, ()),
        (
            {"proc/sys/kernel/unprivileged_userns_clone": "0\n"},
            1000,
            ("kernel.unprivileged_userns_clone is 0",),
        ),
        ({"proc/sys/kernel/unprivileged_userns_clone": "0\n"}, 0, ()),
        (
            {"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
            1000,
            ("kernel.apparmor_restrict_unprivileged_userns is 1",),
        ),
        (
            {"proc/sys/user/max_user_namespaces": "0\n"},
            0,
            ("user.max_user_namespaces is 0",),
        ),
        ({"proc/sys/user/max_user_namespaces": "96365\n"}, 1000, ()),
        ({"proc/self/status": "Name:\tx\nSeccomp:\t0\n"}, 1000, ()),
        (
            {"proc/self/status": "Name:\tx\nSeccomp:\t2\n", ".dockerenv": ""},
            0,
            ("a seccomp filter is on this process", "this is a container"),
        ),
        ({"proc/self/status": "CapEff:\t0000000000000000\n"}, 1000, ()),
        ({"proc/self/status": "CapEff:\t00000000000000ff\n"}, 0, ()),
        (
            {"proc/self/status": "CapEff:\t0000000000000000\n"},
            0,
            ("root has no capabilities here",),
        ),
        ({"run/.containerenv": ""}, 0, ("this is a container",)),
        ({"proc/1/cgroup": "0::/kubepods/besteffort/pod1\n"}, 0, ("this is a container",)),
    ],
)
def test_namespaces(
    tmp_path: Path, files: dict[str, str], uid: int, expected: tuple[str, ...]
) -> None:
    assert hindrances.of_namespaces(_machine(tmp_path, files), uid) == expected


@pytest.mark.parametrize(
    ("files", "uid", "expected"),
    [
        ({"proc/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"}, 0, ()),
        (
            {"proc/mounts": "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"},
            1000,
            ("not root; try systemd-run --user --scope -p Delegate=yes",),
        ),
        ({"proc/mounts": "proc /proc proc rw 0 0\n"}, 0, ("no control groups are mounted",)),
    ],
)
def test_groups(
    tmp_path: Path, files: dict[str, str], uid: int, expected: tuple[str, ...]
) -> None:
    assert hindrances.of_groups(_machine(tmp_path, files), uid) == expected
