"""Playbooks given as content, as new enrolments are offered them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.building.revision import pinned, revision_from, revision_hash
from engine.core.vocabulary import Vocabulary
from engine.runner.shelf import Offer


def one_state(actions: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The playbook `test`, which takes every lost deal, stays in one state, and may end as `kept`."""
    return {
        "playbook": "test",
        "title": "Test",
        "enrol": {"if": {"status": {"is": "lost"}}},
        "ends": {"kept": {}},
        "initial": "one",
        "states": {"one": {"actions": actions, "transitions": transitions}},
    }


def offered(content: Mapping[str, Any], vocabulary: Vocabulary) -> Offer:
    whole = pinned(content, vocabulary, {})
    return Offer(revision=revision_from(whole, revision_hash(whole)), content=whole)
