"""Experiments in a tick: who is drawn, into what, and what stands in the store afterwards."""

import multiprocessing
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest

from engine.core.building.experiment import build_experiment
from engine.core.building.revision import pinned, revision_from, revision_hash
from engine.core.experiment import Phase
from engine.core.roster import Roster
from engine.core.vocabulary import vocabulary
from engine.core.world import World
from engine.experiments.ordered import ordered
from engine.experiments.orders import NotOrderable, Orders
from engine.experiments.reading import records_of
from engine.runner.drawing import Trial
from engine.runner.shelf import Offer, Shelf
from engine.runner.tick import Ticking
from engine.store.base import Conflict, ImportedAccount, ImportedContact, ImportedDeal, ImportReport, NewEvent
from engine.store.sqlite import create, open_store
from tests.core.story import EVENTS, FIELDS, _typed, instant

START = instant("2026-03-02 10:00")
HOUR, DAY = 3600, 86400
WORDS = vocabulary(FIELDS, EVENTS)
WORLD = World(vocabulary=WORDS, roster=Roster(), playbooks=("soon", "late", "nothing", "notes"))


def playbook(name, wait, kind="call", condition=None, event=None):
    """One customer action after a while, then the end."""
    enrol = {"if": condition or {"status": {"is": "lost"}}, **({"event": event} if event else {})}
    return _typed(
        {
            "playbook": name, "title": name, "enrol": enrol, "ends": {"kept": {}}, "initial": "wait",
            "params": {"wait": wait},
            "states": {
                "wait": {"transitions": [{"after": "wait", "to": "ask"}]},
                "ask": {
                    "actions": {"ask": {"kind": kind, "title": "Ask", "assign": "owner"}},
                    "transitions": [{"after": "1w", "end": "kept"}],
                },
            },
        }
    )  # fmt: skip


def offer(content, team=""):
    found = pinned(content, WORDS, {})
    return Offer(revision=revision_from(found, revision_hash(found)), content=found, team=team)


OFFERS = {
    "soon": offer(playbook("soon", "4w")),
    "late": offer(playbook("late", "10w")),
    "nothing": offer(playbook("nothing", "10w", kind="task", event="left_alone")),
    "notes": offer(playbook("notes", "1d", kind="task")),
}
FILE = {
    "experiment": "timing", "starts": "2026-03-02", "ends": "2026-05-31", "unit": "deal",
    "enrol": {"if": {"status": {"is": "lost"}}},
    "arms": {"a": {"playbook": "soon"}, "b": {"playbook": "late"}},
    "primary": {"event": "won", "within": "60d"}, "secondary": [{"event": "reply", "within": "14d"}],
}  # fmt: skip


def experiment(**changes):
    return {**FILE, **changes}


def trial(content=FILE, phase=1, adopted="", offers=None):
    built, words = build_experiment(content, WORDS)
    assert not words.findings.found
    offers = offers or {(arm.name, ""): OFFERS[arm.playbook] for arm in built.arms.values()}
    return Trial(phase=Phase(number=phase, began_at=START, experiment=built), offers=offers, adopted=adopted)


def fill(store, deals, account="A{}", team="west"):
    """Lost deals by number, each in an account of its own unless said otherwise."""
    with store.transaction():
        for number in deals:
            home = account.format(number)
            store.upsert_accounts([ImportedAccount(id=home)])
            store.upsert_contacts([ImportedContact(id=f"C{number}", account=home)])
            store.upsert_deals([ImportedDeal(
                id=f"D{number:03}", account=home, contacts=[(f"C{number}", "buyer")], fingerprint="f", examine_at=0,
                fields={"status": "lost", "owner": "kim", "team": team, "lost_at": "2026-02-20"},
            )])  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with closing(create(tmp_path / "playbook.db")) as store:
        yield store


def tick(store, trials=(), days=0, offers=()):
    report = Ticking(store, WORLD, [OFFERS[name] for name in offers], START + days * DAY, trials=trials).run()
    assert not report.failed
    return report


def daily(store, trials, first, last, offers=()):
    """A tick a day: longer gaps would be an outage, which shifts every plan."""
    for days in range(first, last + 1):
        tick(store, trials, days, offers)


def draws(store):
    return {draw.deal: draw for draw in store.draws_of([one.id for one in accounts(store)])}


def accounts(store):
    return [found.account for found in store.report_page("", 10_000)]


def followed(store, deal):
    return [one.playbook for one in store.enrolments_of(deal)]


def test_a_drawn_deal_is_enrolled_in_the_playbook_of_its_arm_in_the_same_tick(store):
    fill(store, range(20))
    report = tick(store, [trial()])
    found = draws(store)
    assert report.drawn == {"timing": 20} and len(found) == 20
    for deal, draw in found.items():
        assert followed(store, deal) == [{"a": "soon", "b": "late"}[draw.arm]]
        assert store.enrolments_of(deal)[0].revision == draw.revision
        assert (draw.probability, draw.team, draw.phase, draw.drawn_at) == (0.5, "west", 1, START)


def test_what_a_verdict_needs_is_written_at_the_draw(store):
    fill(store, [1])
    tick(store, [trial()])
    draw = draws(store)["D001"]
    assert draw.weights == {"a": 1, "b": 1} and draw.unit == "deal:D001" and draw.first
    assert (draw.position, draw.block, draw.place) == (0, 0, 0)
    assert draw.snapshot["lost_at"] == "2026-02-20" and draw.snapshot["team"] == "west"
    assert draw.locked_until == instant("2026-05-02 00:00")  # the 60th day after 2 March is 1 May, to its end


@pytest.mark.parametrize("number", range(30))
def test_twenty_units_of_a_team_never_split_worse_than_eleven_to_nine(number):
    from engine.core.drawing import draw_from_block

    arms = Counter(draw_from_block(f"e{number}", 1, "west", {"a": 1, "b": 1}, place).arm for place in range(20))
    assert min(arms.values()) >= 9


def test_teams_count_their_positions_apart(store):
    fill(store, range(4), team="west")
    fill(store, range(4, 8), team="east")
    tick(store, [trial()])
    positions = {(draw.team, draw.position) for draw in draws(store).values()}
    assert positions == {(team, place) for team in ("west", "east") for place in range(4)}


def test_a_deal_that_one_arm_could_not_take_is_drawn_into_none(store):
    narrow = playbook("late", "10w", condition={"lost_reason": {"is": "price"}})
    offers = {("a", ""): OFFERS["soon"], ("b", ""): offer(narrow)}
    fill(store, [1])
    tick(store, [trial(offers=offers)])
    assert draws(store) == {} and followed(store, "D001") == []


def test_an_arm_whose_playbook_waits_for_an_event_takes_its_deals_at_once(store):
    fill(store, range(6))
    arms = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}
    tick(store, [trial(experiment(arms=arms))])
    left_alone = [deal for deal, draw in draws(store).items() if draw.arm == "none"]
    assert left_alone and all(followed(store, deal) == ["nothing"] for deal in left_alone)


def test_a_drawn_deal_enters_no_other_customer_facing_playbook_until_its_window_is_over(store):
    fill(store, range(8))
    arms = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}
    one = trial(experiment(arms=arms))
    daily(store, [one], 0, 60, offers=("late", "notes"))
    left_alone = [deal for deal, draw in draws(store).items() if draw.arm == "none"]
    assert left_alone and all("late" not in followed(store, deal) for deal in draws(store))
    assert all("notes" in followed(store, deal) for deal in left_alone)  # inside the house, beside it
    tick(store, [one], 61, offers=("late", "notes"))
    assert all("late" in followed(store, deal) for deal in left_alone)


def test_why_names_the_experiment_that_keeps_a_playbook_away(store):
    from engine.runner.why import why

    fill(store, range(6))
    arms = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}
    tick(store, [trial(experiment(arms=arms))], offers=("late",))
    left_alone = next(draw for draw in draws(store).values() if draw.arm == "none")
    found = why(store, WORLD, {"late": OFFERS["late"]}, Shelf(store, OFFERS.values()), left_alone.deal, START + DAY)
    (verdict,) = found.verdicts
    assert "timing" in verdict.why and verdict.again_at == left_alone.locked_until
    assert found.draws == [left_alone]


def test_why_says_what_keeps_an_experiment_from_drawing(store):
    from engine.runner.why import why

    fill(store, [1])
    one = trial(experiment(starts="2026-03-05"))
    found = why(store, WORLD, {}, Shelf(store, OFFERS.values()), "D001", START, [one])
    assert [(verdict.experiment, verdict.takes, verdict.why) for verdict in found.verdicts] == [
        (True, False, "it begins to draw on 2026-03-05")
    ]


def test_a_person_may_order_another_playbook_and_that_is_on_record(store):
    fill(store, range(6))
    arms = {"a": {"playbook": "soon"}, "none": {"playbook": "nothing", "holdout": True}}
    content = experiment(arms=arms)
    Orders(store=store, known={}, now=START, by="ada", local=str).start("timing", content)
    tick(store, [trial(content)])
    left_alone = next(deal for deal, draw in draws(store).items() if draw.arm == "none")
    account = draws(store)[left_alone].account
    store.record([NewEvent(account=account, deal=left_alone, name="command.enrol", recorded_at=START + HOUR, by="kim",
                           fields={"playbook": "late"})])  # fmt: skip
    tick(store, [trial(content)], 1, offers=("late",))
    assert followed(store, left_alone) == ["nothing", "late"]
    unit = next(one for one in records_of(store, WORLD, "timing").units if one.deal == left_alone)
    assert (unit.arm, unit.overridden_at) == ("none", START + DAY)


def test_all_deals_of_an_account_get_its_arm_and_only_the_first_takes_a_position(store):
    fill(store, range(1, 4), account="A")
    one = trial(experiment(unit="account"))
    tick(store, [one])
    fill(store, [9], account="A")
    tick(store, [one], 1)
    found = list(draws(store).values())
    assert len(found) == 4 and len({draw.arm for draw in found}) == 1 and {draw.unit for draw in found} == {"account:A"}
    assert sorted((draw.first, draw.position) for draw in found) == [(False, -1)] * 3 + [(True, 0)]


def test_an_experiment_draws_from_its_first_day_to_its_last(store):
    fill(store, [1])
    later = trial(experiment(starts="2026-03-05", ends="2026-03-06"))
    tick(store, [later])
    assert draws(store) == {}
    tick(store, [later], 2)
    assert draws(store) == {}
    tick(store, [later], 3)
    assert set(draws(store)) == {"D001"}
    fill(store, [2])
    tick(store, [later], 5)
    assert set(draws(store)) == {"D001"}


def test_a_team_without_arms_takes_no_part_and_another_has_its_own(store):
    fill(store, range(6), team="west")
    fill(store, range(6, 12), team="east")
    arms = {**FILE["arms"], "none": {"playbook": "nothing", "holdout": True}}
    tick(store, [trial(experiment(arms=arms, teams={"west": {"arms": []}, "east": {"arms": ["a", "b"]}}))])
    found = draws(store).values()
    assert {draw.team for draw in found} == {"east"} and {draw.arm for draw in found} == {"a", "b"}


def test_a_new_phase_counts_from_the_start_and_old_units_keep_their_arm(store):
    fill(store, range(6))
    tick(store, [trial()])
    before = draws(store)
    fill(store, range(6, 12))
    tick(store, [trial(experiment(arms={**FILE["arms"], "b": {"playbook": "late", "weight": 3}}), phase=2)], 1)
    after = draws(store)
    assert all(after[deal] == draw for deal, draw in before.items())
    new = [draw for deal, draw in after.items() if deal not in before]
    assert {draw.phase for draw in new} == {2} and sorted(draw.position for draw in new) == list(range(6))
    assert {draw.arm: draw.probability for draw in new} == {"a": 0.25, "b": 0.75}


def test_an_adopted_arm_takes_new_deals_without_a_draw(store):
    fill(store, range(4))
    report = tick(store, [trial(adopted="b")])
    assert draws(store) == {} and report.enrolled == {"late": 4} and report.drawn == {}


def test_two_experiments_share_no_deal(store):
    fill(store, range(8))
    other = trial(experiment(experiment="another"))
    tick(store, [trial(), other])
    assert {draw.experiment for draw in draws(store).values()} == {"another"}  # the first by name


def test_a_draw_stays_when_the_account_cannot_be_advanced_and_its_arm_follows_later(store, monkeypatch):
    fill(store, range(4))
    one = trial()
    broken = replace(OFFERS["late"])
    start = Ticking._advance

    def failing(ticking, account, start_with=None):
        changes = start(ticking, account, start_with)
        if changes is not None and any(one.playbook == "late" for one in changes.enrolments.values()):
            ticking._fail(account.id, "broken on purpose")
            return None
        return changes

    monkeypatch.setattr(Ticking, "_advance", failing)
    Ticking(store, WORLD, [], START, trials=[one]).run()
    monkeypatch.undo()
    drawn = draws(store)
    unlucky = [deal for deal, draw in drawn.items() if draw.arm == "b"]
    assert len(drawn) == 4 and unlucky and all(followed(store, deal) == [] for deal in unlucky)
    tick(store, [one], 1)
    assert draws(store) == drawn and all(followed(store, deal) == ["late"] for deal in unlucky)
    assert broken.playbook.name == "late"


def _take_many(path, found, begin):
    with closing(open_store(path)) as store:
        begin.wait()
        for _ in range(50):
            with store.transaction():
                found.put(store.next_position("timing", 1, "west"))


def test_two_processes_that_draw_at_once_never_share_a_position(tmp_path):
    path = tmp_path / "playbook.db"
    create(path).close()
    context = multiprocessing.get_context("fork")
    found, begin = context.SimpleQueue(), context.Barrier(2)
    both = [context.Process(target=_take_many, args=(path, found, begin)) for _ in range(2)]
    for process in both:
        process.start()
    positions = [found.get() for _ in range(100)]
    for process in both:
        process.join()
        assert process.exitcode == 0
    assert sorted(positions) == list(range(100))


def test_the_database_itself_refuses_a_second_draw_of_a_unit_or_position(store):
    fill(store, [1, 2])
    tick(store, [trial()])
    first, second = sorted(draws(store).values(), key=lambda draw: draw.position)
    for again in (replace(first, deal="D900"), replace(second, deal="D900", unit="deal:D900")):
        with pytest.raises(Conflict):
            store.put_draws([again])


def test_a_tick_that_dies_leaves_neither_draw_nor_enrolment(store, monkeypatch):
    fill(store, [1])
    monkeypatch.setattr(type(store), "save", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("gone")))
    with pytest.raises(sqlite3.OperationalError):
        Ticking(store, WORLD, [], START, trials=[trial()]).run()
    monkeypatch.undo()
    assert draws(store) == {} and followed(store, "D001") == []
    tick(store, [trial()], 1)
    assert draws(store)["D001"].position == 0


# --- orders ---------------------------------------------------------------------------------------------------------


def orders(store, hours=0):
    return Orders(store=store, known=ordered(store, WORDS), now=START + hours * HOUR, by="ada", local=str)


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


def imported(store, deal, days, **fields):
    """What an import writes for a deal that nothing follows any more."""
    at = START + days * DAY
    store.put_import(ImportReport(at=at, source="crm", file="deals.csv", hash="h"))
    account = next(one.id for one in accounts(store) if deal in one.deals)
    store.record([NewEvent(account=account, deal=deal, recorded_at=at, handled=True, **fields)])


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


# --- what an adversary found ------------------------------------------------------------------------------------------


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
