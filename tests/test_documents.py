"""The documents are fixtures: their playbooks validate, their commands run, their tables are computed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from cli import playbook as commands
from engine.authoring.report import render
from engine.console import desk
from engine.core.calendars import Calendar, parse_hours
from engine.core.durations import parse_duration
from engine.core.time import add
from engine.core.zones import to_instant, to_local, zone
from tests.validating import validate

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
WRITTEN = [page for page in PAGES if page.name not in ("keywords.md", "errors.md")]  # by hand
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]+) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
# a fragment stands alone: what leads to it and away from it is not part of it
OF_NO_CONCERN = {"unreachable-state", "dead-end", "unused-end", "stuck-action"}
FRAME = """\
playbook: fragment
title: Fragment
ends: {{revived: {{success: true}}, declined: {{}}}}
initial: here
states:
  here:
{actions}    transitions:
{transitions}
      - {{after: 52w, to: check_in}}
  check_in: {{transitions: [{{after: 4w, to: thank_you}}]}}
  thank_you: {{transitions: [{{after: 4w, to: give_them_time}}]}}
  give_them_time: {{transitions: [{{after: 4w, end: declined}}]}}
"""


class Block(NamedTuple):
    page: Path
    line: int
    mark: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(*languages: str) -> Iterator[Block]:
    for page in WRITTEN:
        text = page.read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            if found["language"] in languages:
                line = text.count("\n", 0, found.start()) + 1
                yield Block(page, line, found["mark"] or "", found["language"], found["text"])


RUNNABLE = sorted({block.page for block in blocks("sh") if block.mark == "run"})


def whole(block: Block) -> str:
    """The playbook that a block is, or the frame around the fragment that it is."""
    parts = {"actions": "", "transitions": ""}
    if not block.mark:
        return block.text
    kind = block.mark.removeprefix("fragment: ")
    if kind == "if":
        parts["transitions"] = "      - after: 4w\n        to: check_in\n        if:\n" + textwrap.indent(
            block.text, " " * 10
        )
    elif kind == "actions":
        parts["actions"] = "    actions:\n" + textwrap.indent(block.text, " " * 6)
    else:
        parts["transitions"] = textwrap.indent(block.text, " " * 6).rstrip("\n")
    return FRAME.format(**parts)


# --- what they show works -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", list(blocks("yaml")), ids=str)
def test_every_playbook_in_the_documents_validates(block: Block, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "playbooks", tmp_path / "playbooks")
    text = whole(block)
    name = re.search(r"^playbook: (\S+)$", text, re.MULTILINE)
    assert name, "a block that is no whole playbook is marked as a fragment"
    settings = (ROOT / "playbook.toml").read_text(encoding="utf-8")
    settings = settings.replace("playbooks = [", f'playbooks = ["{name[1]}", ')
    (tmp_path / "playbook.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "playbooks" / f"{name[1]}.yaml").write_text(text, encoding="utf-8")

    found = [problem for problem in validate(tmp_path) if not (block.mark and problem.rule in OF_NO_CONCERN)]

    assert not found, render(found)


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_every_command_marked_as_runnable_runs(page: Path, tmp_path: Path) -> None:
    script = "".join(block.text for block in blocks("sh") if block.page == page and block.mark == "run")

    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=tmp_path,
        env=_environment(tmp_path),
        text=True,
        capture_output=True,
        timeout=300,
    )

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stdout + done.stderr


def _environment(folder: Path) -> dict[str, str]:
    """The reader's shell, with `playbook` on its path and nothing set."""
    shim = folder / "bin" / "playbook"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYBOOK_")}
    return {**kept, "PATH": f"{shim.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "HOME": str(folder)}


# --- what they say is so --------------------------------------------------------------------------------------------


def computed() -> list[tuple[str, str, str]]:
    """The rows of the tables `from | plus | is` of the semantics."""
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    day = r"(?:\w+day )?(\d{4}-\d\d-\d\d \d\d:\d\d)"
    return re.findall(rf"^\| {day} \| (\w+) \| {day} \|$", text, re.MULTILINE)


@pytest.mark.parametrize(("start", "delay", "end"), computed(), ids=" ".join)
def test_the_examples_of_delays_are_computed(start: str, delay: str, end: str) -> None:
    where = zone("America/New_York")
    office = Calendar(name="office", hours=parse_hours({"mon-fri": "09:00-17:00"}))

    found = add(to_instant(datetime.fromisoformat(start), where), parse_duration(delay), where, office)

    assert to_local(found, where).strftime("%Y-%m-%d %H:%M") == end


def test_there_are_examples_of_delays() -> None:
    assert len(computed()) >= 9


def called() -> list[tuple[str, str, str]]:
    """(page, command, the rest) of every `playbook COMMAND …` in a block of shell or between backticks."""
    code = [(block.page.name, line) for block in blocks("sh", "crontab", "ini") for line in block.text.splitlines()]
    for page in WRITTEN:
        prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
        code += [(page.name, span) for span in re.findall(r"`([^`\n]+)`", prose)]
    calls = [(name, re.search(r"(?:^|/)playbook\"? ([a-z]+)(.*)", line.partition("  #")[0])) for name, line in code]
    return sorted({(name, call[1], call[2]) for name, call in calls if call})


@pytest.mark.parametrize(("page", "command", "rest"), called(), ids=lambda part: part[:40])
def test_every_command_and_option_that_is_named_exists(page: str, command: str, rest: str) -> None:
    known = commands.get_command(click.Context(commands), command)
    assert known is not None, f"{page}: there is no command {command}"
    below = known.commands.get(rest.split()[0]) if isinstance(known, click.Group) and rest.split() else None
    known = below or known
    options = {name for param in known.params for name in param.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))
    assert named <= options, f"{page}: {command} has no {named - options}"


def test_the_table_of_exit_codes_is_complete() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    codes = {desk.FINE, desk.PROBLEMS, desk.USAGE, desk.STORAGE, desk.BUSY, desk.BUG}
    assert listed == codes | {130}


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in WRITTEN:
        named = set(re.findall(r"(?:`|^)make ([\w-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        if anchor:
            assert anchor in set(anchors(there)), target


def anchors(page: Path) -> Iterator[str]:
    for title in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\s-]", "", title.lower()).strip().replace(" ", "-")


def test_every_extra_that_a_message_names_is_there_and_a_page_says_how_to_install_it() -> None:
    """From the checkout: the program stands in no registry."""
    pattern = re.compile(r"pip install ['\"]?([\w.-]*)\[(\w+)\]")
    sources = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "engine").rglob("*.py"))]
    named = {found for text in sources for found in pattern.findall(text)}
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    offered = {extra for page in WRITTEN for found in re.findall(r"install \"\.\[([\w,]+)\]\"", page.read_text("utf-8"))
               for extra in found.split(",")}  # fmt: skip
    assert {place for place, _ in named} == {"."}
    assert {extra for _, extra in named} == {"compare", "holidays", "distributed"} <= offered & extras.keys()


def test_the_sections_of_the_semantics_are_numbered_without_a_gap() -> None:
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    sections = [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    assert sections == list(range(1, len(sections) + 1))
    for section in sections:
        paragraphs = [int(number) for number in re.findall(rf"^{section}\.(\d+) ", text, re.MULTILINE)]
        assert paragraphs == list(range(1, len(paragraphs) + 1)), section


def test_the_decisions_are_numbered_in_order() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^\*\*(\d+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_generated_pages_are_as_new_as_what_they_are_made_from() -> None:
    specification = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert specification and specification.loader
    generate = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generate)
    for page, text in generate.pages().items():
        assert page.read_text(encoding="utf-8") == text, f"run: python docs/generate.py ({page.name} is old)"
