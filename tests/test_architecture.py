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
        "collector",
    },
    "scenarios": {"scenarios", "experiments", "authoring", "runner", "store", "core", "data_dir"},
    "runner": {"runner", "core"},
    "reports": {"reports", "core"},
    "experiments": {"experiments", "core"},
    "simulation": {"simulation", "experiments", "core", "collector"},
    "plots": {"plots", "experiments", "core"},
    "authoring": {"authoring", "core", "data_dir"},
    "store": {"store", "core"},
    "crm": {"crm", "core"},
    "core": {"core"},
    "data_dir": set(),
    "collector": set(),
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


# --- one way to write things ----------------------------------------------------------------------------------------


def endings_by_hand(tree: ast.AST) -> Iterator[ast.IfExp]:
    """`"" if number == 1 else "s"`, and whole words that differ by that."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.IfExp) or not isinstance(node.test, ast.Compare):
            continue
        against, how = node.test.comparators[0], node.test.ops[0]
        if isinstance(against, ast.Constant) and against.value == 1 and isinstance(how, (ast.Eq, ast.NotEq)):
            one, many = map(_words, (node.body, node.orelse) if isinstance(how, ast.Eq) else (node.orelse, node.body))
            if one is not None and many in (f"{one}s", f"{one}es"):
                yield node


def _words(node: ast.AST) -> str | None:
    """What stands fixed in a text, without the number before it."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant)).strip()
    return node.value.removeprefix("1").strip() if isinstance(node, ast.Constant) and type(node.value) is str else None


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if room(path) != "core"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_numbers_of_things_times_and_shares_are_put_into_words_by_the_core(path: Path) -> None:
    tree = parse(path)
    for ending in endings_by_hand(tree):
        raise AssertionError(f"{path.name}:{ending.lineno} makes a plural by hand: core/plural.py")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert "%Y-%m-%d %H:%M" not in node.value, f"{path.name}:{node.lineno} writes a time by hand: core/zones.py"
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            form = ast.unparse(node.format_spec)
            share = form.rstrip("'\"").endswith("%") and "%Y" not in form
            assert not share, f"{path.name}:{node.lineno} writes a share by hand: core/shares.py"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f\"{n} deal{'' if n == 1 else 's'}\"", 1),
        ("f\"{n} touch{'es' if n != 1 else ''}\"", 1),
        ("'1 deal' if n == 1 else f'{n} deals'", 1),
        ("f'{n} day' if n == 1 else f'{n} days'", 1),
        ("'touches' if n == 1 else 'touch'", 0),
        ("'is' if n == 1 else 'are'", 0),
        ("'' if n == 2 else 's'", 0),
    ],
)
def test_a_plural_by_hand_is_found(text: str, found: int) -> None:
    assert len(list(endings_by_hand(ast.parse(text)))) == found


# --- the limits of CONTRIBUTING.md ----------------------------------------------------------------------------------

LONGEST_FILE, LONGEST_FUNCTION = 450, 60  # lines; what lies between its `def` and its end
OURS = sorted(
    {*SOURCES, *(path for folder in ("tests", "docs", "benchmarks") for path in (ROOT / folder).rglob("*.py"))}
)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{path.name} has {lines} lines, and {LONGEST_FILE} are the most: split it"
    for node in ast.walk(parse(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{path.name}:{node.lineno}: {node.name} has {length} lines"


def test_the_limits_are_those_that_contributors_read() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"at most {LONGEST_FILE}, functions about ten and at most sixty" in text
