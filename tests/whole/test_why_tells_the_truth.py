"""What `why` predicts "if nothing happens" is what the following ticks do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rep import DAY, Rep, outcomes_of, tick_at
from tests.whole.runs import START, first_transitions_after, opened, predictions, store_with, strategies, workspace

SHIPPED = workspace()
DEALS = 60


@pytest.mark.parametrize("name", strategies(SHIPPED))
def test_the_predicted_transition_happens_at_the_predicted_instant(name: str, tmp_path: Path) -> None:
    offer = opened(SHIPPED, name)
    store = store_with(tmp_path / "why.db", DEALS)
    rep = Rep("why", outcomes_of([offer]))
    at = START
    for _ in range(12):  # some answer, some do not: the enrolments spread over many states
        store.record(rep.take(at))
        tick_at(store, SHIPPED.world, [offer], at)
        rep.look(store.open_actions())
        at += DAY
    now = at - DAY
    expected = predictions(store, SHIPPED.world, offer, now)
    assert len(expected) > DEALS // 3
    until = max(instant for _, instant, _ in expected.values())
    while at <= until + DAY:
        tick_at(store, SHIPPED.world, [offer], at)
        at += DAY
    seen = first_transitions_after(store, now)
    assert {one: (number, instant) for one, (number, instant, _) in expected.items()} == {
        one: seen[one] for one in expected
    }
