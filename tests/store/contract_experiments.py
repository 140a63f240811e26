"""What experiments ask of every store."""

from dataclasses import replace

import pytest

from engine.core.experiment import Draw
from engine.store.base import Conflict, ExperimentOrder, ImportReport, NewEvent
from tests.store.samples import DAY, NOW, an_event, fill

DRAW = Draw(
    experiment="timing", phase=1, unit="deal:D1", account="A1", deal="D1", team="west", arm="a", probability=0.5,
    weights={"a": 1, "b": 1}, drawn_at=NOW, locked_until=NOW + 60 * DAY, revision="r1", playbook="soon", position=0,
    block=0, place=0, snapshot={"lost_at": "2026-05-01"}, contacts=("K-A1",),
    rivals=("soon", "late"),
)  # fmt: skip


class ExperimentsContract:
    def test_orders_come_back_as_they_were_given_in_that_order(self, store):
        orders = [
            ExperimentOrder(
                experiment="timing", at=NOW + place, what=what, phase=1, content={"a": [1]}, arm=arm, by="ada"
            )
            for place, (what, arm) in enumerate((("start", ""), ("stop", "b")))
        ]
        for order in orders:
            store.put_experiment_order(order)
        assert store.experiment_orders() == orders

    def test_positions_count_up_for_each_team_of_each_phase(self, store):
        places = [("timing", 1, "west"), ("timing", 1, "west"), ("timing", 1, "east"), ("timing", 2, "west")]
        assert [store.next_position(*place) for place in places] == [0, 1, 0, 0]

    def test_a_position_that_was_taken_back_is_taken_again(self, store):
        with pytest.raises(RuntimeError), store.transaction():
            store.next_position("timing", 1, "west")
            raise RuntimeError("never mind")
        assert store.next_position("timing", 1, "west") == 0

    def test_a_draw_comes_back_as_it_was_made(self, store):
        fill(store, "D1", "D2")
        later = replace(DRAW, deal="D2", first=False, position=-1, block=-1, place=-1)
        store.put_draws([DRAW, later])
        assert store.draws_of(["A1", "A9"]) == [DRAW, later]
        assert store.count_draws() == [("timing", 1, "west", "a", 1)]

    @pytest.mark.parametrize("again", [{"deal": "D2"}, {"deal": "D2", "unit": "deal:D2"}])
    def test_neither_a_unit_nor_a_position_is_drawn_twice(self, store, again):
        fill(store, "D1", "D2")
        store.put_draws([DRAW])
        with pytest.raises(Conflict):
            store.put_draws([replace(DRAW, **again)])
        assert store.draws_of(["A1"]) == [DRAW]

    def test_of_a_drawn_account_only_what_a_tick_has_handled_is_read(self, store):
        fill(store, "D1")
        store.put_draws([DRAW])
        store.record([an_event("reply"), NewEvent(account="A1", name="won", recorded_at=NOW, deal="D1", handled=True)])
        (found,) = store.drawn_accounts("timing", "", 9)
        assert ([event.name for event in found.events], found.handled_at) == (["won"], {2: NOW})
        assert store.drawn_accounts("timing", "A1", 9) == store.drawn_accounts("another", "", 9) == []

    def test_a_whole_import_is_settled_by_the_first_finished_tick_since(self, store):
        for place, whole in enumerate((True, False)):
            report = ImportReport(at=NOW + place, source="crm", file="d.csv", hash="h", whole=whole)
            store.put_import(report)
        store.put_import(ImportReport(at=NOW + 2, source="activities crm", file="a.csv", hash="h"))
        assert store.settled_imports() == []
        for at, counts in ((NOW + 10, {"unfinished": 1}), (NOW + 20, {}), (NOW + 30, {})):
            store.finish_tick(store.begin_tick(at, at), counts, at)
        store.begin_tick(NOW + 5, NOW + 5)
        assert store.settled_imports() == [(NOW, NOW + 20, "crm")]
