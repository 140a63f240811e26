"""Orders for an experiment, and what a comparison reads of one that the ticks have drawn."""

import pytest

from engine.experiments.ordered import ordered
from engine.experiments.orders import NotOrderable
from engine.experiments.reading import records_of
from tests.runner.trials import (
    DAY,
    FILE,
    HOUR,
    START,
    WORDS,
    WORLD,
    daily,
    draws,
    experiment,
    fill,
    imported,
    orders,
    tick,
    trial,
)

# --- orders ---------------------------------------------------------------------------------------------------------


def test_an_experiment_is_started_once(store):
    orders(store).start("timing", FILE)
    with pytest.raises(NotOrderable, match="was started"):
        orders(store).start("timing", FILE)


@pytest.mark.parametrize(("key", "value"), [("primary", {"event": "won", "within": "30d"}), ("ends", "2027-01-01")])
def test_what_was_promised_before_the_first_draw_cannot_be_changed(store, key, value):
    orders(store).start("timing", FILE)
    with pytest.raises(NotOrderable, match=key):
        orders(store, 1).change("timing", experiment(**{key: value}))


def test_other_arms_begin_a_phase_and_another_question_does_not(store):
    orders(store).start("timing", FILE)
    assert orders(store, 1).change("timing", experiment(question="Which?")) == 1
    assert ordered(store, WORDS)["timing"].experiment.question == "Which?"
    arms = {**FILE["arms"], "b": {"playbook": "late", "weight": 2}}
    assert orders(store, 2).change("timing", experiment(question="Which?", arms=arms)) == 2
    phases = ordered(store, WORDS)["timing"].phases
    assert [(phase.number, phase.began_at) for phase in phases] == [(1, START), (2, START + 2 * HOUR)]


def test_a_stopped_experiment_takes_no_deals_until_an_arm_is_adopted(store):
    orders(store).start("timing", FILE)
    orders(store, 1).stop("timing")
    assert not ordered(store, WORDS)["timing"].takes_deals
    orders(store, 2).stop("timing", "b")
    found = ordered(store, WORDS)["timing"]
    assert found.takes_deals and (found.stopped_at, found.adopted) == (START + HOUR, "b")
    with pytest.raises(NotOrderable, match="no arm"):
        orders(store, 3).stop("timing", "c")


def test_an_order_as_of_an_earlier_day_was_not_given_yet(store):
    orders(store).start("timing", FILE)
    orders(store, 5).stop("timing")
    assert ordered(store, WORDS, START + HOUR)["timing"].stopped_at is None


# --- what a comparison reads ---------------------------------------------------------------------------------------


def test_a_win_counts_whether_or_not_a_playbook_still_runs(store):
    orders(store).start("timing", FILE)
    fill(store, range(4))
    daily(store, [trial()], 0, 36)
    soon = next(deal for deal, draw in draws(store).items() if draw.arm == "a")
    assert store.enrolments_of(soon)[0].end == "kept"
    imported(store, soon, 50, name="won", fields={"status": "won", "on": "2026-04-20"})
    unit = next(one for one in records_of(store, WORLD, "timing").units if one.deal == soon)
    assert [(one.event, str(one.on)) for one in unit.happened] == [("won", "2026-04-20")]


def test_a_win_of_a_linked_new_deal_counts_from_when_the_link_is_known(store):
    orders(store).start("timing", FILE)
    fill(store, [1])
    tick(store, [trial()])
    fill(store, [2], account="A1")
    imported(store, "D002", 20, name="won", fields={"status": "won", "on": "2026-03-20"})
    (unit,) = records_of(store, WORLD, "timing").units
    assert unit.happened == ()
    imported(store, "D002", 30, name="linked", fields={"follows_deal": "D001", "status": "won", "on": "2026-03-20"})
    (unit,) = records_of(store, WORLD, "timing").units
    assert [(one.event, str(one.on), one.recorded_at) for one in unit.happened] == [
        ("won", "2026-03-20", START + 30 * DAY)
    ]


def test_an_import_is_settled_by_the_first_tick_after_it(store):
    orders(store).start("timing", FILE)
    fill(store, [1])
    tick(store, [trial()])
    imported(store, "D001", 1, name="changed")
    assert records_of(store, WORLD, "timing").settled == ()
    tick(store, [trial()], 2)
    (settled,) = records_of(store, WORLD, "timing").settled
    assert (settled.imported_at, settled.ticked_at) == (START + DAY, START + 2 * DAY)


def test_work_is_counted_when_it_is_handed_out(store):
    orders(store).start("timing", FILE)
    fill(store, range(4))
    daily(store, [trial()], 0, 30)
    for unit in records_of(store, WORLD, "timing").units:
        assert len(unit.handed) == (1 if unit.arm == "a" else 0)
        assert all(one.facing and one.assignee == "kim" for one in unit.handed)
