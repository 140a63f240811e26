"""The house rules that a machine can keep: who may import whom, and what the pure core may not touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in [ROOT / "cli.py", *(ROOT / "engine").rglob("*.py")] if "_data" not in path.parts)

# room -> the rooms it may import; imports go down only
MAY_IMPORT = {
    "cli": {"console", "runner", "authoring", "store", "crm", "core"},
    "console": {
        "console",
        "scenarios",
        "runner",
        "reports",
        "simulation",
        "experiments",
        "plots",
        "authoring",
        "store",
        "crm",
        "core",
        "data_dir",
    },
    "scenarios": {"scenarios", "experiments", "authoring", "runner", "store", "core", "data_dir"},
    "runner": {"runner", "core"},
    "reports": {"reports", "core"},
    "experiments": {"experiments", "core"},
    "simulation": {"simulation", "experiments", "core"},
    "plots": {"plots", "experiments", "core"},
    "authoring": {"authoring", "core", "data_dir"},
    "store": {"store", "core"},
    "crm": {"crm", "core"},
    "core": {"core"},
    "data_dir": set(),
}
SEAMS = {  # all that they see of the store
    "runner": {"engine.store.base", "engine.store.crash", "engine.store.errors"},
    "reports": {"engine.store.base", "engine.store.reported"},
    "simulation": {"engine.store.base", "engine.store.reported"},
    "experiments": {"engine.store.base", "engine.store.reported"},
}
ONLY_HERE = {"transitions": "engine/core/machine.py", "croniter": "engine/core/time.py"}
# heavy: imported where they are used
LAZY = {"jsonschema", "jinja2", "holidays", "psycopg", "numpy", "referencing", "distributed"}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__"}
IMPURE_MODULES = {"time", "random", "os", "sys", "subprocess", "socket", "threading", "secrets", "uuid", "sqlite3"}
CLOCKS = {"now", "today", "utcnow"}


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if len(parts) == 1 else parts[1]


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every imported module, at the top or inside a function, with its node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            yield node.module or "", node
            if (node.module or "").startswith("engine"):
                yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name, node in imports(parse(path)):
        if not name.startswith("engine.") or name.count(".") < 1:
            continue
        there = name.split(".")[1]
        if there not in MAY_IMPORT:
            continue
        allowed = there in MAY_IMPORT[here] or any(name.startswith(seam) for seam in SEAMS.get(here, ()))
        where = f"{path.name}:{node.lineno}"
        assert allowed or name == "engine.store", f"{where} imports {name}: {here} may not see {there}"


@pytest.mark.parametrize("library", sorted(ONLY_HERE))
def test_one_module_alone_knows_the_library(library: str) -> None:
    users = [path for path in SOURCES if any(name.split(".")[0] == library for name, _ in imports(parse(path)))]
    assert [str(path.relative_to(ROOT)) for path in users] == [ONLY_HERE[library]]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    for node in parse(path).body:
        for name, _ in imports(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
            assert name.split(".")[0] not in LAZY, f"{path.name}:{node.lineno} imports {name} at the top"


@pytest.mark.parametrize("path", [path for path in SOURCES if room(path) == "core"], ids=lambda path: path.name)
def test_the_core_is_pure(path: Path) -> None:
    tree = parse(path)
    names = {name.split(".")[0] for name, _ in imports(tree)}
    assert not names & IMPURE_MODULES, f"{path.name} imports {names & IMPURE_MODULES}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in IMPURE_CALLS, f"{path.name}:{node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, f"{path.name}:{node.lineno} calls .{node.func.attr}()"
