"""What `compare` says beside the verdict on the primary metric: guardrails, second metrics, work and curves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from engine.core.experiment import Metric
from engine.experiments.comparing import compare
from engine.experiments.records import Happened, Unit
from engine.experiments.statistics.samples import power
from tests.experiments.making import STARTS, at, counted, days, experiment, handed, records, unit, weekly, won

END = at(400)
CLEAR = {("west", "old"): (10, 200), ("west", "new"): (50, 200)}


def opting_out(share: int) -> list[Unit]:
    return [
        replace(
            one,
            happened=(
                *one.happened,
                Happened(event="opted_out", on=one.drawn_on, recorded_at=one.drawn_at),
            ),
        )
        if one.arm == "new" and n % share == 0
        else one
        for n, one in enumerate(counted(CLEAR))
    ]


GUARDED = experiment(guardrails=(Metric(event="opted_out", within=days(28)),))


def test_a_crossed_guardrail_keeps_an_arm_from_being_a_winner() -> None:
    found = compare(records(opting_out(4), GUARDED), END)
    assert (found.verdict.state, found.verdict.blocked_by) == ("inconclusive", "opted_out within 28d")
    assert found.verdict.words.startswith("new is ahead of old, but is not called a winner: since the look of ")
    assert "more of its deals opted out within 28 days" in found.verdict.words
    assert any(remark.startswith("Guardrail crossed") for remark in found.remarks)


@pytest.mark.parametrize("where", ["east", "west"])
def test_a_team_is_held_back_by_its_own_guardrail_and_its_row_says_what_the_team_alone_says(where: str) -> None:
    tallies = {
        ("west", "old"): (20, 200),
        ("west", "new"): (60, 200),
        ("east", "old"): (15, 200),
        ("east", "new"): (15, 200),
    }
    leaving = [one for one in counted(tallies) if (one.team, one.arm) == (where, "new")][::4]
    told = {one.id: Happened(event="opted_out", on=one.drawn_on, recorded_at=one.drawn_at) for one in leaving}
    units = [
        replace(one, happened=(*one.happened, told[one.id])) if one.id in told else one for one in counted(tallies)
    ]
    found = compare(records(units, GUARDED), END)
    assert (found.verdict.state, found.verdict.blocked_by) == ("inconclusive", "opted_out within 28d")
    for row in found.contrasts[0].teams:
        assert row.verdict == compare(records(units, GUARDED), END, team=row.team).verdict
    west = found.contrasts[0].teams[1].verdict
    assert (west.state, bool(west.blocked_by)) == (("winner", False) if where == "east" else ("inconclusive", True))


def test_a_guardrail_that_is_not_crossed_blocks_nothing() -> None:
    found = compare(records(opting_out(60), GUARDED), END)
    assert found.verdict.state == "winner"
    (guardrail,) = [one for one in found.metrics if one.kind == "guardrail"]
    assert (guardrail.crossed, guardrail.b and guardrail.b.yes) == (False, 3)


def test_a_guardrail_asks_only_whether_the_arm_has_more_of_it() -> None:
    turned = [
        replace(one, arm={"old": "new", "new": "old"}[one.arm]) for one in opting_out(4)
    ]  # now it is the control whose customers opt out, and that wins back more
    (guardrail,) = [one for one in compare(records(turned, GUARDED), END).metrics if one.kind == "guardrail"]
    assert guardrail.z is not None and guardrail.bound is not None
    assert (guardrail.z < -guardrail.bound, guardrail.crossed) == (True, False)


def test_a_guardrail_is_looked_at_from_the_first_week_in_which_its_window_is_over() -> None:
    soon = experiment(primary=won(90), guardrails=(Metric(event="opted_out", within=days(7)),))
    found = compare(records(opting_out(2), soon), at(85))
    (guardrail,) = [one for one in found.metrics if one.kind == "guardrail"]
    assert found.verdict.state == "too_early"
    assert guardrail.crossed


def test_second_metrics_are_labelled_and_corrected_together() -> None:
    reply = Metric(event="reply", within=days(7))
    units = [
        replace(one, happened=(*one.happened, Happened(event="reply", on=one.drawn_on, recorded_at=one.drawn_at)))
        if one.arm == "new" and n % 2
        else replace(one, handed=(handed((one.drawn_on - STARTS).days + n % 2),))
        for n, one in enumerate(counted(CLEAR))
    ]
    found = compare(records(units, experiment(secondary=(reply,))), END)
    second, work = found.metrics
    assert (second.kind, second.metric, work.kind) == ("secondary", "reply within 7d", "workload")
    assert second.p is not None and second.adjusted_p == pytest.approx(2 * second.p)
    assert second.words.startswith("Second metric: with new 50 %, with old 0 % of the deals replied within 7 days")
    assert (work.b_mean, work.a_mean) == (0.5, 1.0)
    assert work.words.startswith("Work: 0.5 actions per deal with new, 1.0 with old.")


def test_a_shorter_window_is_mature_earlier() -> None:
    reply = Metric(event="reply", within=days(7))
    found = compare(records(counted(CLEAR), experiment(secondary=(reply,))), at(60))
    second = found.metrics[0]
    assert second.b is not None and second.b.of > found.contrasts[0].b.of


def test_work_is_counted_by_person_and_week() -> None:
    units = [unit("u", "new", 0, handed=(handed(0), handed(1), handed(9, "bob", facing=False))), unit("v", "old", 0)]
    found = compare(records(units), END)
    assert [(one.week.isoformat(), one.person, one.actions, one.facing) for one in found.workload] == [
        ("2027-01-04", "ann", 2, 2),
        ("2027-01-11", "bob", 1, 0),
    ]
    assert found.arms[1].actions_per_unit == 3


def test_curves_count_every_unit_until_its_first_end_or_the_newest_import() -> None:
    units = [
        unit("a", "new", 0, happened=[("won", 4)]),
        unit("b", "new", 0, happened=[("deleted", 2), ("won", 4)]),
        unit("c", "new", 0),
        unit("d", "new", 30, happened=[("won", 4)]),
        unit("e", "old", 0),
    ]
    found = compare(records(units, settled=weekly(32)), at(32))
    by = {(one.arm, one.cause): one for one in found.curves}
    assert by["new", "won"].days == (2, 4, 27)  # d: drawn after the import, not seen
    assert by["new", "won"].shares == pytest.approx((0, 1 / 3, 1 / 3))
    assert by["new", "deleted"].shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@pytest.mark.parametrize(("share", "yes", "blocks"), [(40, 5, True), (50, 4, False)])
def test_five_against_none_cross_a_guardrail_and_four_are_too_few(share: int, yes: int, blocks: bool) -> None:
    found = compare(records(opting_out(share), GUARDED), END)
    (guardrail,) = [one for one in found.metrics if one.kind == "guardrail"]
    assert guardrail.b is not None and guardrail.a is not None
    assert guardrail.z is not None and guardrail.bound is not None and guardrail.z > guardrail.bound
    assert (guardrail.b.yes, guardrail.a.yes, guardrail.crossed) == (yes, 0, blocks)
    assert (found.verdict.state, bool(found.verdict.blocked_by)) == (
        ("inconclusive", True) if blocks else ("winner", False)
    )


@pytest.mark.parametrize("ends", [GUARDED.ends, None], ids=["with an end", "without an end"])
def test_the_range_of_a_guardrail_leaves_alpha_out_at_each_end_since_it_is_asked_of_one_end_only(
    ends: date | None,
) -> None:
    found = compare(records(opting_out(4), replace(GUARDED, ends=ends)), END)
    (guardrail,) = [one for one in found.metrics if one.kind == "guardrail"]
    assert guardrail.difference.level == pytest.approx(1 - 2 * GUARDED.alpha)


@pytest.mark.parametrize(("fewer", "flagged"), [(33, False), (32, True)])
def test_among_two_teams_each_has_half_of_the_chance_of_a_false_alarm(fewer: int, flagged: bool) -> None:
    """33 against 67 happens by chance seven times in ten thousand, 32 against 68 three times."""
    shares = {("west", "old"): fewer, ("west", "new"): 100 - fewer, ("east", "old"): 100, ("east", "new"): 100}
    found = compare(records(counted({place: (of // 5, of) for place, of in shares.items()})), END)
    assert {one.team: one.flagged for one in found.mismatches} == {"": False, "east": False, "west": flagged}
    assert (found.verdict.state == "invalid") == flagged


def test_the_detectable_difference_is_found_four_times_in_five_by_arms_of_that_size() -> None:
    (contrast,) = compare(records(counted({("west", "old"): (20, 200), ("west", "new"): (21, 200)})), END).contrasts
    assert contrast.detectable is not None
    assert power(base=0.1, other=contrast.detectable, per_arm=200) == pytest.approx(0.8)
