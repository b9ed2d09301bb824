"""The rules of the layout: sizes, layers, dead knobs, frozen core, pinned public names."""

import ast
import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
import subprocess  # noqa: TID251 - a fresh interpreter is what is tested
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

import filial
import filial.config
import filial.core

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "filial"
FAMILIES = {
    "archives",
    "executors",
    "exams",
    "gates",
    "models",
    "oversight",
    "proposers",
    "reports",
    "sandboxes",
    "storages",
    "workspace",
}
LAYERS = {"errors": 0, "core": 1, "stats": 2} | dict.fromkeys(FAMILIES, 3)
TOP = 4  # modules beside engine.py put families together
ENTRY = 5  # cli and testing may use everything

# Folders in the plain dialect of candidates.
PLAIN = {"kits", "catalogue", "studies"}

# Values that change on purpose.
MUTABLE_CORE = {"History", "Standing", "Seeds"}


def modules() -> list[Path]:
    """All modules of the engine; kits and specimens are in their own dialect."""
    paths = [p for p in SOURCE.rglob("*.py") if not PLAIN & set(p.relative_to(SOURCE).parts[:-1])]
    return sorted(paths)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """First component below ``filial`` of everything that ``path`` imports from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "filial":
                names = [f"filial.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("filial."):
                yield name.split(".")[1]


def layer(package: str) -> int:
    if package in {"cli", "testing", "__main__"}:
        return ENTRY
    return LAYERS.get(package, TOP)


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_sizes(path: Path) -> None:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= (200 if path.name == "engine.py" else 400)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            assert (node.end_lineno or 0) - node.lineno + 1 <= 200, node.name


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_downwards(path: Path) -> None:
    package = package_of(path)
    if package == "__init__":
        return
    for imported in set(imports(path)) - {package, "__version__"}:
        if package in FAMILIES:
            assert imported not in FAMILIES, f"family {package} imports family {imported}"
        assert layer(imported) <= layer(package), f"{package} imports {imported}"


def test_core_uses_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"filial"}
    for path in sorted((SOURCE / "core").glob("*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed
            elif isinstance(node, ast.ImportFrom):
                assert str(node.module).split(".")[0] in allowed


def core_classes() -> list[type]:
    found = []
    for info in pkgutil.iter_modules(filial.core.__path__):
        module = importlib.import_module(f"filial.core.{info.name}")
        members = inspect.getmembers(module, inspect.isclass)
        found += [cls for _, cls in members if cls.__module__ == module.__name__]
    return found


@pytest.mark.parametrize("cls", core_classes(), ids=lambda cls: cls.__name__)
def test_core_values_are_frozen(cls: type) -> None:
    if issubclass(cls, enum.Enum) or cls.__name__ in MUTABLE_CORE:
        return
    assert dataclasses.is_dataclass(cls)
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(cls)


def settings_fields() -> Iterator[str]:
    for name, table in vars(filial.config).items():
        is_table = name.endswith("Table") or name == "Settings"
        if is_table and inspect.isclass(table) and issubclass(table, BaseModel):
            yield from table.model_fields


def test_every_setting_is_read() -> None:
    words = set()
    for path in modules():
        nodes = ast.walk(tree(path))
        words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    dead = set(settings_fields()) - words
    assert not dead, f"settings that nothing reads: {sorted(dead)}"


def test_public_names_are_pinned() -> None:
    assert filial.__all__ == ["Exam", "FilialError", "Invalid", "Item", "Metric"]


def test_version_is_semantic() -> None:
    assert [part.isdigit() for part in filial.__version__.split(".")] == [True] * 3


def test_dependencies_are_pinned() -> None:
    """Everything the project asks for by name is in constraints.txt with one exact version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[\[>;]", requirement)[0].strip().lower() for requirement in wanted}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if "==" in line}
    assert names <= pinned


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("statement", ["import filial", "import filial.cli"])
def test_start_up_is_light(statement: str) -> None:
    heavy = {"torch", "transformers", "scipy", "plotly", "sqlalchemy", "pygit2", "libcst", "numpy"}
    assert not loaded_by(statement) & heavy
