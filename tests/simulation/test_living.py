"""One life at a time: what is played is what the step does, and what is counted is what happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from engine.authoring.workspace import load_workspace
from engine.core.account import Suppression
from engine.core.durations import parse_duration
from engine.core.enrolment import Event
from engine.core.experiment import Metric
from engine.core.preview.playing import Playing, copied
from engine.core.preview.previewing import preview_of_new
from engine.core.preview.sample import DEAL, candidate_of, sample
from engine.core.step import Compiled
from engine.simulation.behaviour import NOBODY, Behaviour
from engine.simulation.estimate import estimated
from engine.simulation.living import Life
from engine.simulation.question import Simulation, Start, Subject
from engine.simulation.stage import Stage
from engine.simulation.tally import Tally
from tests.simulation.lives import (
    DAY,
    FILES,
    HOUR,
    LIVELY,
    MONDAY,
    ROOT,
    laid,
    likely,
    play,
    question,
    subjects,
    sure,
    way,
    without,
)

SHIPPED = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yaml"))


@pytest.fixture(scope="module")
def shipped():
    return load_workspace(ROOT, {})


def lived(asked: Simulation, place: int = 0):
    """The hand-outs (instant, action, person, contact, kind) of one life, and its tally."""
    stage, tally, steps = Stage.of(asked), Tally(), []
    Life(stage, asked.ways[0], asked.subjects[place], asked.behaviour.drawn(1, 0), 0, tally, steps.append).run()
    handed = [(step.at, line[1], *line[3:]) for step in steps for line in step.did if line[0] == "due"]
    return handed, tally


@pytest.mark.parametrize("name", SHIPPED)
def test_where_nobody_does_anything_it_is_the_calendar_of_the_preview(name, shipped):
    start = 1772460000  # 2026-03-02 09:00 in New York
    one = way(shipped, name)
    playbook = one.revision("").playbook
    made = sample(shipped.world, playbook, start)
    cast = (Subject(account=made.account, starts=(Start(deal=DEAL, at=start),)),)
    handed, tally = lived(Simulation(world=shipped.world, ways=(one,), subjects=cast, behaviour=NOBODY, weeks=52))
    compiled = {one.revision("").hash: Compiled(one.revision(""))}
    candidate = candidate_of(playbook, made.account, made.account.deals[DEAL])
    found = preview_of_new(
        shipped.world, compiled, one.revision("").hash, made.account, candidate, start, weeks=52, depth=0
    )
    totals = found.calendar.totals
    shown = [(here.at, here.handed) for here in found.calendar.happenings if here.handed is not None]
    assert handed[: len(shown)] == [
        (at, it.name, it.assignee, it.contact, it.kind) for at, it in shown
    ]  # what comes a third time is not shown
    assert shown
    assert dict(tally.kinds) == dict(totals.actions)
    assert tally.minutes == totals.minutes
    assert tally.wins == tally.replies == tally.opted_out == 0
    if found.calendar.close == "ends":
        assert tally.ends == {found.calendar.end: 1}


def test_exact_delays_are_kept_to_the_second(workspace):
    behaviour = Behaviour(
        name="exact", reps={"any": sure(3 * HOUR)}, outcomes={"call": {"talked": 1}}, replies={}, within_hours=False
    )
    asked = question(workspace, behaviour=behaviour, cast=subjects(1))
    handed, tally = lived(asked)
    one = asked.ways[0].revision("")
    account = copied(asked.subjects[0].account)
    playing = Playing(
        world=asked.world, revisions={one.hash: Compiled(one)}, account=account, enrolment="", playbook=one.playbook,
        deal="D0", now=MONDAY,
    )  # fmt: skip
    playing.begin(candidate_of(one.playbook, account, account.deals["D0"]), one.hash)
    playing.now = MONDAY + 3 * HOUR
    playing.tell(Event("write.done", 0, deal="D0", contact="C0", by="ana"))
    second = [there for happened in playing.ahead(MONDAY + 60 * DAY) for there in happened if there.kind == "due"]
    assert handed == [(MONDAY, "write", "ana", "C0", "letter"), (second[0].at, "call", "ana", "C0", "call")]
    assert second[0].at == MONDAY + 3 * HOUR + 14 * DAY
    assert tally.ends == {"answered": 1}
    assert dict(tally.days_to_end) == {15: 1}, "days begun"
    assert dict(tally.touches) == {2: 1}


def test_reps_report_within_their_hours(workspace):
    """Nine hours after Monday 09:00 the office is closed: the letter is reported on Tuesday at nine."""
    behaviour = Behaviour(name="slow", reps={"any": sure(9 * HOUR)})
    steps = []
    asked = question(workspace, behaviour=behaviour, cast=subjects(1))
    Life(Stage.of(asked), asked.ways[0], asked.subjects[0], behaviour.drawn(1, 0), 0, Tally(), steps.append).run()
    closed = next(step.at for step in steps for line in step.did if line[:2] == ("closed", "write"))
    assert closed == MONDAY + DAY


def test_everybody_answers_the_letter_and_everybody_who_answers_is_won(workspace):
    behaviour = Behaviour(
        name="kind", reps={"any": sure(HOUR)}, replies={"letter": sure(2 * DAY)}, wins={"reply": sure(30 * DAY)}
    )
    asked = question(workspace, behaviour=behaviour, cast=subjects(7))
    [[tally]] = play(asked)
    assert (tally.lives, tally.replied, tally.replies, tally.wins) == (7, 7, 7, 7)
    assert tally.ends == {"answered": 7}
    assert dict(tally.days_to_win) == {33: 7}
    assert dict(tally.touches) == {1: 7}
    assert dict(tally.names) == {"write": 7}


def test_a_win_counts_after_the_playbook_is_long_over(workspace):
    behaviour = Behaviour(name="by itself", wins={"by_itself": sure(200 * DAY)})
    metrics = tuple(Metric(event="won", within=parse_duration(within)) for within in ("199d", "200d"))
    asked = question(workspace, way(workspace, "silence"), behaviour=behaviour, cast=subjects(5), metrics=metrics)
    [[tally]] = play(asked)
    assert tally.ends == {"over": 5}
    assert tally.wins == 5
    assert dict(tally.metrics) == {1: 5}  # the 200th day counts in full, the 201st not at all


def test_an_opt_out_is_obeyed_by_the_step(workspace):
    behaviour = Behaviour(name="angry", reps={"any": sure(HOUR)}, opt_outs={"letter": sure(DAY)})
    [[tally]] = play(question(workspace, behaviour=behaviour, cast=subjects(6)))
    assert tally.ends == {"gone": 6}
    assert tally.opted_out == 6
    assert dict(tally.names) == {"write": 6}


def test_some_come_back_after_an_opt_out(workspace):
    behaviour = Behaviour(
        name="angry", reps={"any": sure(HOUR)}, opt_outs={"letter": sure(DAY)}, wins={"opted_out": sure(5 * DAY)}
    )
    [[tally]] = play(question(workspace, behaviour=behaviour, cast=subjects(6)))
    assert (tally.opted_out, tally.wins) == (6, 6)
    assert dict(tally.days_to_win) == {7: 6}


def test_an_outcome_that_is_called_like_an_opt_out_is_none(tmp_path):
    written = FILES["playbooks/letters.yaml"].replace("[talked, no_answer]", "[opted_out, talked, no_answer]")
    edited = laid(tmp_path, **{"playbooks__letters.yaml": written})
    behaviour = Behaviour(
        name="one", reps={"any": sure(HOUR)}, outcomes={"call": {"opted_out": 1}}, wins={"opted_out": sure(DAY)}
    )
    [[tally]] = play(question(edited, behaviour=behaviour, cast=subjects(6)))
    assert (tally.opted_out, tally.wins) == (0, 6)


@pytest.mark.parametrize("fast", [False, True])
def test_what_a_rep_would_do_in_thousands_of_years_is_not_done(workspace, fast):
    """Of reports with a median of a minute and nine of ten within ten years, some are beyond every calendar."""
    if fast:
        pytest.importorskip("numpy", reason="the extra `compare` is not installed")
    behaviour = Behaviour(name="far", reps={"any": likely(1, 1, 60, 3650 * DAY)})
    asked = question(workspace, behaviour=behaviour, cast=subjects(60), replicates=2)
    for [tally] in estimated(asked) if fast else play(asked):
        assert 0 < tally.names["call"] < tally.names["write"] == 60


def test_whoever_is_suppressed_from_the_beginning_is_not_approached(workspace):
    [subject] = subjects(1)
    silent = Suppression("contact", "C0", "", MONDAY - DAY, None, "they said so")
    cast = (replace(subject, account=replace(subject.account, suppressions=[silent])),)
    handed, tally = lived(question(workspace, behaviour=LIVELY, cast=cast))
    assert handed == []
    assert (tally.lives, tally.entered) == (1, 0)


def test_two_deals_of_one_customer_keep_the_limits_together(workspace):
    """Both write on the same day; the second letter waits for the gap of one day."""
    first, second = subjects(2)
    deal = replace(second.account.deals["D1"], account="A0", contacts=[("C0", "")])
    account = replace(first.account, deals={**first.account.deals, "D1": deal})
    cast = (Subject(account=account, starts=(first.starts[0], replace(second.starts[0], team="east"))),)
    handed, tally = lived(question(workspace, behaviour=NOBODY, cast=cast))
    assert [at for at, *_ in handed] == [MONDAY, MONDAY + DAY]
    assert tally.lives == tally.entered == 2


def test_nothing_counts_beyond_the_weeks_asked_for(workspace):
    behaviour = Behaviour(name="late", reps={"any": sure(HOUR)}, replies={"letter": sure(10 * DAY)})
    [[tally]] = play(question(workspace, behaviour=behaviour, cast=subjects(3), weeks=1))
    assert tally.replies == 0
    assert tally.ends == {"": 3}


def test_a_playbook_that_goes_in_circles_is_counted_as_stuck(workspace, monkeypatch):
    monkeypatch.setattr("engine.simulation.living._MOST", 3)
    [[tally]] = play(question(workspace, behaviour=LIVELY, cast=subjects(4)))
    assert tally.stuck == 4
    assert tally.lives == sum(tally.ends.values()) == 4


def test_every_life_is_accounted_for(workspace):
    asked = question(workspace, way(workspace, "letters"), way(workspace, "silence"), behaviour=LIVELY, replicates=5)
    for replicate in play(asked):
        for tally in replicate:
            assert tally.lives == tally.entered == sum(tally.ends.values()) == asked.deals
            assert tally.kinds.total() == tally.names.total() == tally.load.total()
            assert tally.load_minutes.total() == tally.minutes
            assert tally.days_to_end.total() == tally.lives - tally.ends[""]
            assert tally.days_to_win.total() == tally.wins
            assert tally.ends["won"] <= tally.wins
            assert tally.replied <= tally.replies


def test_the_work_is_counted_in_the_week_in_which_it_is_handed_out(workspace):
    [[tally]] = play(question(workspace, behaviour=NOBODY, cast=subjects(4)))
    stage = Stage.of(question(workspace, behaviour=NOBODY))
    week = stage.week(MONDAY)
    assert tally.load == Counter({f"ana|{week}": 2, f"ben|{week}": 2})
    assert stage.week(MONDAY - 9 * HOUR - 1) == week - 1
    assert tally.minutes == 80


def test_both_playbooks_meet_the_same_luck(workspace):
    """A longer wait changes when the call comes, and nothing about who answers the first letter."""
    behaviour = replace(without(LIVELY, "wins", "opt_outs"), replies={"letter": LIVELY.replies["any"]})
    short, long = way(workspace, "letters", "short"), way(workspace, "letters", "long", wait="8w")
    asked = question(workspace, short, long, behaviour=behaviour, cast=subjects(200))
    [[here, there]] = play(asked)
    assert here.names["write"] == there.names["write"] == 200
    assert here.replied == there.replied > 0
    assert there.names["call"] <= here.names["call"]


def test_a_deal_is_won_once_and_left_alone_from_then_on(workspace):
    behaviour = Behaviour(
        name="twice", reps={"any": sure(HOUR)}, replies={"letter": sure(2 * DAY)},
        wins={"reply": sure(3 * DAY), "answered": sure(9 * DAY), "by_itself": sure(40 * DAY)},
    )  # fmt: skip
    [[tally]] = play(question(workspace, behaviour=behaviour, cast=subjects(4)))
    assert tally.wins == 4
    assert dict(tally.days_to_win) == {6: 4}
    early = replace(behaviour, wins={"by_itself": sure(DAY)})
    [[tally]] = play(question(workspace, behaviour=early, cast=subjects(4)))
    assert (tally.wins, tally.replies) == (4, 0), "they had bought before they answered"
    assert tally.ends == {"won": 4}


def test_nobody_reports_while_on_leave(tmp_path):
    roster = """
people:
  ana: {team: west, leave: [{from: 2026-03-05, to: 2026-03-20}]}
  ben: {team: east}
teams: {west: {}, east: {}}
"""
    stage = Stage.of(question(laid(tmp_path, **{"playbooks__library__roster.yaml": roster}), behaviour=NOBODY))
    assert stage.at_work("ana", MONDAY + 4 * DAY) == MONDAY + 21 * DAY, "the Monday after"
    assert stage.at_work("ben", MONDAY + 4 * DAY) == MONDAY + 4 * DAY


@pytest.mark.parametrize(("late", "replies", "end"), [(0, 3, "answered"), (1, 0, "")])
def test_a_reply_in_the_last_second_of_the_weeks_asked_for_still_counts(late, replies, end, workspace):
    behaviour = Behaviour(name="late", reps={"any": sure(HOUR)}, replies={"letter": sure(7 * DAY - HOUR + late)})
    [[tally]] = play(question(workspace, behaviour=behaviour, cast=subjects(3), weeks=1))
    assert (tally.replies, tally.ends) == (replies, {end: 3})
