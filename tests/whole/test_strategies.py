"""Each shipped strategy from the first tick until nothing is armed, with nobody answering and with a scripted rep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rep import run_until_quiet
from tests.whole.runs import START, opened, rep_for, store_with, strategies, workspace

DEALS = 90
SHIPPED = workspace()


@pytest.mark.parametrize("name", strategies(SHIPPED))
def test_a_strategy_runs_to_its_end_and_reaches_every_state_and_end(name: str, tmp_path: Path) -> None:
    offer = opened(SHIPPED, name)
    states: set[tuple[str, str]] = set()
    ends: set[str] = set()
    for folder, rep in (("nobody", None), ("rep", rep_for(offer))):
        store = store_with(tmp_path / f"{folder}.db", DEALS)
        run_until_quiet(store, SHIPPED.world, [offer], START, rep)
        counts = store.counts()
        assert sum(counts.ends.values()) == DEALS, "a deal is stuck"
        assert counts.states == {}
        assert store.set_aside() == []
        for (did,) in store.session.connection.execute("SELECT did FROM history"):
            for line in json.loads(did):
                if line[0] == "entered":
                    states.add((line[1], line[2]))
                if line[0] in ("ended", "finished"):
                    ends.add(line[-1])
        store.close()
    assert states == {(track.name, state) for track in offer.playbook.tracks.values() for state in track.states}
    assert ends >= set(offer.playbook.ends)
