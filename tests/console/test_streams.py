"""What is printed where the stream has not every sign: `playbook ... > file` on Windows writes cp1252."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.console.streams import fitted, legible
from tests.console.shop import LATER
from tests.console.test_experimenting import TIMING, lab, start  # noqa: F401  # a workspace with an experiment

ROOT = Path(__file__).parents[2]
QUESTION = "Müller → Dvořák − now or later…?"


@pytest.fixture
def asked(lab):  # noqa: F811
    """An experiment whose question has signs that cp1252 has, and others that it lacks."""
    timing = TIMING.replace("Now or later?", QUESTION)
    (lab.folder / "playbooks/experiments/timing.yaml").write_text(timing, encoding="utf-8")
    lab.lose(*range(8))
    start(lab)
    lab.run("tick", "--now", LATER)

    def run(*arguments, encoding="cp1252"):
        told = subprocess.run(
            [sys.executable, "-c", "import cli; cli.main()", "--workspace", str(lab.folder), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr.decode(encoding)
        return told.stdout

    run.folder = lab.folder
    return run


def test_a_text_has_the_nearest_sign_and_keeps_what_the_stream_has(asked):
    told = asked("compare", "--now", "2026-03-20T09:00").decode("cp1252")
    assert "Müller -> Dvo?ák - now or later…?" in told


def test_json_is_escaped_and_a_page_has_references_so_that_nothing_is_lost(asked):
    told = asked("compare", "--now", "2026-03-20T09:00", "--format", "json")
    assert told.isascii() and json.loads(told)["question"] == QUESTION
    page = asked("compare", "--now", "2026-03-20T09:00", "--format", "html")
    assert page.isascii() and b"M&#252;ller &#8594; Dvo&#345;&#225;k" in page


def test_the_arrows_of_a_preview_are_told(asked):
    arguments = ("preview", "check-in")
    told = asked(*arguments).decode("cp1252")
    assert "→" in asked(*arguments, encoding="utf-8").decode() and " -> " in told and "?" not in told.split(" -> ")[1]


def test_a_file_is_utf_8_whatever_the_stream_is(asked):
    for name in ("a.txt", "a.json"):
        asked("compare", "--now", "2026-03-20T09:00", "--output", str(asked.folder / name))
        assert QUESTION in (asked.folder / name).read_text(encoding="utf-8")


def test_a_stream_that_has_every_sign_is_left_alone():
    for encoding in ("utf-8", "utf-16", "utf-8-sig"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        assert legible(stream) is stream
    caught = io.StringIO()
    assert legible(caught) is caught


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "latin-1", "ascii"])
def test_what_only_looks_like_json_is_text(encoding):
    assert fitted("[− 1] → …", encoding).startswith("[- 1] -> ")
    assert fitted("{not: json −}", encoding) == "{not: json -}"
    assert fitted('{"a": "−😀"}', encoding) == '{"a": "\\u2212\\ud83d\\ude00"}'


def test_a_command_whose_output_is_closed_runs_all_the_same(tmp_path: Path) -> None:
    """As `>&-` in a crontab leaves it."""
    program = [sys.executable, str(ROOT / "cli.py"), "init", str(tmp_path / "ours")]
    said = f"import os, sys; os.close(1); os.execv(sys.executable, {program!r})"
    assert subprocess.run([sys.executable, "-c", said], cwd=tmp_path, check=False).returncode == 0
