"""Draws where something stands in the way: other deals of the account, an adopted arm, a tick that breaks off."""

from dataclasses import replace

import pytest

from engine.experiments.orders import NotOrderable
from engine.experiments.reading import records_of
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedDeal, NewEvent
from tests.runner.trials import (
    FILE,
    HOUR,
    OFFERS,
    START,
    WORLD,
    accounts,
    draws,
    experiment,
    fill,
    followed,
    imported,
    orders,
    tick,
    trial,
)

HOLDOUT = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}


def test_a_drawn_account_keeps_its_arm_when_another_one_is_adopted(store):
    fill(store, range(8), account="A{}")
    content = experiment(unit="account", arms=HOLDOUT)
    tick(store, [trial(content)])
    held = [draw.account for draw in draws(store).values() if draw.arm == "none"]
    with store.transaction():
        for place, account in enumerate(held):
            fields = {"status": "lost", "owner": "kim", "team": "west", "lost_at": "2026-02-25"}
            store.upsert_deals([ImportedDeal(id=f"E{place}", account=account, fingerprint="f", examine_at=0,
                                             contacts=None, fields=fields)])  # fmt: skip
    tick(store, [trial(content, adopted="a")], 1)
    assert held and all(followed(store, f"E{place}") == ["nothing"] for place in range(len(held)))


def test_an_adopted_arm_is_not_given_to_a_team_that_takes_no_part(store):
    fill(store, range(3), team="north")
    report = tick(store, [trial(experiment(teams={"north": {"arms": []}}), adopted="a")])
    assert report.enrolled == {}


def test_an_adopted_arm_is_on_record_with_the_deal(store):
    fill(store, [1])
    tick(store, [trial(adopted="b")])
    (told,) = [one.event for one in store.events_of("A1", "D001") if one.event.name == "adopted"]
    assert told.fields == {"experiment": "timing", "arm": "b"}


def test_no_deal_of_an_account_is_contacted_in_the_tick_that_holds_the_account_out(store):
    for number in range(12):
        fill(store, [number, 100 + number], account=f"A{number:02}")
    with store.transaction():
        store.upsert_deals(
            ImportedDeal(id=f"D{100 + number}", account=f"A{number:02}", fingerprint="g", examine_at=0, contacts=None,
                         fields={"lost_reason": "price"}) for number in range(12)
        )  # fmt: skip
    content = experiment(unit="account", arms=HOLDOUT, enrol={"if": {"lost_reason": {"is_empty": True}}})
    late = replace(trial(content), offers={("a", ""): OFFERS["soon"], ("none", ""): OFFERS["nothing"]})
    for days in (0, 1):
        tick(store, [late], days, offers=("late",))
    held = {draw.account for draw in draws(store).values() if draw.arm == "none"}
    both = {one.id: [name for deal in one.deals for name in followed(store, deal)] for one in accounts(store)}
    assert all("late" not in both[account] for account in held)
    assert all(len(set(names) & {"soon", "late"}) <= 1 for names in both.values())


def test_an_account_is_in_one_experiment_at_a_time(store):
    fill(store, range(1, 4), account="A")
    one = trial(experiment(experiment="one", unit="account", enrol={"if": {"lost_at": {"before": "2026-02-21"}}}))
    two = trial(experiment(experiment="two"))
    with store.transaction():
        store.upsert_deals([ImportedDeal(id="D002", account="A", fingerprint="g", examine_at=0, contacts=None,
                                         fields={"lost_at": "2026-02-22"})])  # fmt: skip
    for days in (0, 1, 2):
        tick(store, [one, two], days)
    assert len({draw.experiment for draw in draws(store).values()}) == 1


def test_an_account_is_not_held_out_while_another_of_its_deals_is_followed(store):
    fill(store, [1], account="A")
    tick(store, offers=("late",))
    fill(store, [2], account="A")
    tick(store, [trial(experiment(unit="account", arms=HOLDOUT))], 1)
    assert draws(store) == {}


def test_an_arm_inside_the_house_takes_none_of_the_other_arms_deals(store):
    fill(store, range(6))
    one = trial(experiment(arms={"a": {"playbook": "soon"}, "b": {"playbook": "notes"}}))
    for days in (0, 1, 2):
        tick(store, [one], days, offers=("notes",))
        with store.transaction():
            store.examine_all(None)
    assert all(followed(store, deal) == [{"a": "soon", "b": "notes"}[draw.arm]] for deal, draw in draws(store).items())


def test_a_drawn_deal_stays_in_its_account(store):
    fill(store, [1])
    tick(store, [trial()])
    with store.transaction():
        store.upsert_accounts([ImportedAccount(id="Z")])
    assert store.move_deals([("D001", "Z")]) == []


def test_what_was_drawn_and_not_enrolled_is_enrolled_after_the_experiment_was_stopped(store, monkeypatch):
    fill(store, range(4))
    advance = Ticking._advance

    def failing(ticking, account, start=None):
        if start is not None:
            ticking._fail(account.id, "broken on purpose")
            return None
        return advance(ticking, account, start)

    monkeypatch.setattr(Ticking, "_advance", failing)
    Ticking(store, WORLD, [], START, trials=[trial()]).run()
    monkeypatch.undo()
    drawn = draws(store)
    assert len(drawn) == 4
    tick(store, [], 1)  # no experiment any more
    assert all(followed(store, deal) == [draw.playbook] for deal, draw in drawn.items())
    assert all(store.enrolments_of(deal)[0].revision == draw.revision for deal, draw in drawn.items())


def test_a_draw_that_was_taken_back_is_not_reported(store, monkeypatch):
    from engine.store.base import Unwritable

    fill(store, range(3))
    monkeypatch.setattr(type(store), "save", lambda *_: (_ for _ in ()).throw(Unwritable("no", "")))
    report = Ticking(store, WORLD, [], START, trials=[trial()]).run()
    assert (report.drawn, report.enrolled) == ({}, {}) and draws(store) == {}


def test_an_order_that_nothing_takes_hides_no_deal_from_an_experiment(store):
    fill(store, [1])
    store.record([NewEvent(account="A1", deal="D001", name="command.enrol", recorded_at=START - HOUR, by="kim",
                           fields={"playbook": "unknown"})])  # fmt: skip
    for days in (0, 1):
        tick(store, [trial()], days)
    assert set(draws(store)) == {"D001"}


@pytest.mark.parametrize("key", ["guardrails", "secondary"])
def test_what_is_counted_cannot_be_changed_once_it_runs(store, key):
    orders(store).start("timing", FILE)
    with pytest.raises(NotOrderable, match=key):
        orders(store, 1).change("timing", experiment(**{key: [{"event": "opted_out", "within": "30d"}]}))


def test_the_control_cannot_be_taken_away(store):
    orders(store).start("timing", FILE)
    with pytest.raises(NotOrderable, match="control"):
        orders(store, 1).change("timing", experiment(arms={"b": {"playbook": "late"}, "c": {"playbook": "soon"}}))


def test_a_tick_that_ran_out_of_time_settles_no_import(store):
    orders(store).start("timing", FILE)
    fill(store, [1])
    imported(store, "D001", 0, name="changed")
    Ticking(store, WORLD, [], START + HOUR, trials=[trial()], max_seconds=0).run()
    store.record([NewEvent(account="A1", deal="D001", name="reply", recorded_at=START + HOUR)])
    report = Ticking(store, WORLD, [], START + 2 * HOUR, trials=[trial()], max_seconds=0).run()
    assert report.unfinished
    found = records_of(store, WORLD, "timing").settled
    assert [one.ticked_at for one in found] in ([], [START + HOUR])
    tick(store, [trial()], 1)
    assert records_of(store, WORLD, "timing").settled
