"""What happened is counted the same whether one tick saw it all or many ticks did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.authoring.workspace import load_workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from engine.runner.shelf import Offer
from tests.rep import DAY, tick_at
from tests.whole.runs import ROOT, START, histories, store_with

PLAYBOOK = {
    "playbook": "patient", "title": "Try three times", "enrol": {"if": {"status": {"is": "lost"}}},
    "ends": {"gave_up": {}}, "initial": "ask",
    "states": {
        "ask": {
            "actions": {"ask": {"kind": "task", "title": "Ask", "expires": "1d"}},
            "transitions": [{"event": "all_closed", "to": "enough"}],
        },
        "enough": {
            "transitions": [
                {"if": {"count": {"of": "ask.expired", "at_least": 3}}, "end": "gave_up"},
                {"to": "rest"},
            ]
        },
        "rest": {"transitions": [{"after": "1d", "to": "ask"}]},
    },
}  # fmt: skip


def test_what_the_engine_closed_is_counted_in_later_ticks_too(tmp_path: Path) -> None:
    workspace = load_workspace(ROOT, {})
    world = replace(workspace.world, playbooks=())  # any playbook may take a loss
    pinned = {**revision_content(workspace, "four-week-check-in"), "playbook": PLAYBOOK}
    offer = Offer(revision=revision_from(pinned, revision_hash(pinned)), content=pinned)
    found = []
    for name, pace in (("daily", DAY), ("often", DAY // 12)):
        store = store_with(tmp_path / f"{name}.db", 4)
        for at in range(START, START + 8 * DAY, pace):
            tick_at(store, world, [offer], at)
        assert dict(store.counts().ends) == {("patient", "gave_up"): 4}
        found.append(histories(store))
    assert found[0] == found[1]
