"""Reading files: `validate` of many playbooks, and the import of an export, against the libraries under them alone."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from benchmarks import measured
from benchmarks.idle import CLI, command
from engine.data_dir import data_dir

_MAPPING = "mapping.yaml"
_FIELDS = (("deal", "product"), ("deal", "manager"), ("account", "country"))  # what that mapping fills
_MODEL = "four-week-check-in"  # the shipped playbook that is varied


# --- validate -------------------------------------------------------------------------------------------------------


def write_variants(folder: Path, count: int) -> Path:
    """A workspace of the shipped playbooks and `count` variants of one of them; returns it."""
    shutil.copytree(data_dir("playbooks"), folder / "playbooks")
    text = (folder / "playbooks" / f"{_MODEL}.yaml").read_text(encoding="utf-8")
    names = [f"{_MODEL}-{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        varied = text.replace(f"playbook: {_MODEL}\n", f"playbook: {name}\n").replace(
            "minutes: 15", f"minutes: {15 + number % 40}"
        )
        (folder / "playbooks" / f"{name}.yaml").write_text(varied, encoding="utf-8")
    shipped = sorted(file.stem for file in data_dir("playbooks").glob("*.yaml"))
    settings = (
        f'[workspace]\nzone = "America/New_York"\ncalendar = "office"\nplaybooks = {json.dumps(shipped + names)}\n'
    )
    (folder / "playbook.toml").write_text(settings, encoding="utf-8")
    return folder


def validate_cpu(folder: Path) -> float:
    """CPU seconds of checking the workspace as `playbook validate` does. RuntimeError if it finds an error."""
    from engine.authoring.workspace import load_workspace

    found = []
    cost = measured.cpu_of(lambda: found.extend(load_workspace(folder, {}).problems))
    errors = [problem for problem in found if problem.level == "error"]
    if errors:
        raise RuntimeError(f"{errors[0].location}: {errors[0].message}")
    return cost


def bare_validate_cpu(folder: Path) -> float:
    """CPU seconds of libyaml and one jsonschema validator over the same playbooks, with nothing around them."""
    return measured.cpu_of(lambda: _bare_validate(folder))


def _bare_validate(folder: Path) -> None:
    import yaml
    from jsonschema import Draft202012Validator

    schema = json.loads((data_dir("schemas") / "playbook.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    for file in sorted((folder / "playbooks").glob("*.yaml")):
        content = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        if any(validator.iter_errors(content)):
            raise RuntimeError(f"{file.name} is not valid")


# --- import ---------------------------------------------------------------------------------------------------------


def can_import() -> bool:
    """Whether this checkout has the import command."""
    return find_spec("engine.console.importing") is not None


def write_export(folder: Path, rows: int) -> Path:
    """An export of a CRM with its side files, as the tests write it, and the shipped mapping for it.

    Returns the file with the deals; the mapping lies beside it.
    """
    from tests.crm.maven_like import KEY, TYPO
    from tests.crm.maven_like import write_export as write

    folder.mkdir()
    write(folder, rows)
    mapping = (data_dir("examples") / "maven-mapping.yaml").read_text(encoding="utf-8")
    aliased = mapping.replace("alias: {GTXPro: GTX Pro}", f"alias: {{{TYPO}: {KEY}}}")
    (folder / _MAPPING).write_text(aliased, encoding="utf-8")
    return folder / "sales_pipeline.csv"


def import_cpu(folder: Path, export: Path) -> float:
    """CPU seconds of `playbook import` into a new workspace in `folder`."""
    measured.command_cpu([sys.executable, str(CLI), "init", "--sandbox", str(folder)])
    _declare_fields(folder / "playbooks" / "library" / "fields.yaml")
    imported = command(folder, "import", str(export), "--mapping", str(export.with_name(_MAPPING)))
    return measured.command_cpu(imported, allowed=(0, 1))  # 1: rows that need a person's eye


def _declare_fields(path: Path) -> None:
    """Declare the fields of the export that the starters do not have."""
    import yaml

    text = path.read_text(encoding="utf-8")
    known = yaml.safe_load(text)
    for entity, name in _FIELDS:
        if name not in known[entity]:
            line = f"  {name}: {{type: text, title: {name.title()}}}\n"
            text = text.replace(f"\n{entity}:\n", f"\n{entity}:\n{line}")
    path.write_text(text, encoding="utf-8")


def bare_import_cpu(export: Path) -> float:
    """CPU seconds of the standard library's csv reader over the same file."""
    return measured.cpu_of(lambda: _read_rows(export))


def _read_rows(export: Path) -> int:
    with export.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


def rounds_of(first: Callable[[], float], second: Callable[[], float], rounds: int) -> list[float]:
    """first / second in each round, taking turns."""
    return [first() / second() for _ in range(rounds)]
