"""What somebody writes into a shipped text after a bad day: found by `playbook validate`, and let pass only by name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.authoring.composing import compose
from engine.authoring.places import Source
from engine.core.model import CUSTOMER_KINDS, Action
from engine.core.values import choices_of
from tests.rows.shop import Shop, copy_of_the_shipped

OFFER = "We could offer 10 % off."
TEMPLATES = "playbooks/library/templates"
WAIVER = {"rule": "no_price_offer", "by": "omar", "on": "2026-03-01", "because": "They asked for a new quote"}
NEWS = {"status": "lost", "lost_at": "2026-03-02", "notified_at": "2026-03-02T09:00", "notified_by": "phone"}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    return Shop(copy_of_the_shipped(tmp_path))
