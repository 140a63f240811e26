"""What these tests share: reading a text as a file of the workspace and asking for its problems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.authoring.places import Source
from engine.authoring.schema import check
from engine.authoring.source import read_yaml
from engine.core.problem import Problem

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"


def read(text: str | bytes) -> Source:
    raw = text.encode() if isinstance(text, str) else text
    found = read_yaml("file.yaml", raw)
    assert isinstance(found, Source), found
    return found


def problems_of(text: str | bytes, kind: str = "playbook") -> list[Problem]:
    raw = text.encode() if isinstance(text, str) else text
    found = read_yaml("file.yaml", raw)
    return check(found, kind, SCHEMAS) if isinstance(found, Source) else found


@pytest.fixture(name="read")
def _read() -> Callable[[str | bytes], Source]:
    return read


@pytest.fixture(name="problems_of")
def _problems_of() -> Callable[..., list[Problem]]:
    return problems_of


@pytest.fixture(scope="session")
def schemas() -> Path:
    return SCHEMAS


@pytest.fixture(scope="session")
def example() -> str:
    return (Path(__file__).parent / "four-week-check-in.yaml").read_text(encoding="utf-8")
