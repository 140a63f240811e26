"""Experiments in a tick: who is drawn, into what, and what stands in the store afterwards."""

import multiprocessing
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest

from engine.experiments.orders import Orders
from engine.experiments.reading import records_of
from engine.runner.shelf import RevisionShelf
from engine.runner.tick import Ticking
from engine.store.base import Conflict, NewEvent
from engine.store.sqlite import create, open_store
from tests.core.story import instant
from tests.runner.trials import (
    DAY,
    FILE,
    HOUR,
    OFFERS,
    START,
    WORLD,
    daily,
    draws,
    experiment,
    fill,
    followed,
    offer,
    playbook,
    tick,
    trial,
)


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
    found = why(store, WORLD, [OFFERS["late"]], RevisionShelf(store, OFFERS.values()), left_alone.deal, START + DAY)
    (verdict,) = found.verdicts
    assert "timing" in verdict.why and verdict.again_at == left_alone.locked_until
    assert found.draws == [left_alone]


def test_why_says_what_keeps_an_experiment_from_drawing(store):
    from engine.runner.why import why

    fill(store, [1])
    one = trial(experiment(starts="2026-03-05"))
    found = why(store, WORLD, [], RevisionShelf(store, OFFERS.values()), "D001", START, [one])
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
