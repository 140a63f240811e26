"""The range beside a difference and the sentences about it: never against the test, however uneven the arms."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.experiment import Experiment, Metric
from engine.experiments.comparing import compare
from engine.experiments.comparison import Comparison, LookResult
from engine.experiments.contrasting import case_of, primary_of
from engine.experiments.counting import shares_alike
from engine.experiments.records import Unit
from engine.experiments.standing import standing
from engine.experiments.statistics.confidence_sequence import sequence_bound
from engine.experiments.statistics.results import Tally
from engine.experiments.statistics.strata import Stratum
from tests.experiments.making import at, days, experiment, handed, records, unit, weekly

END = at(400)
OPEN = experiment(ends=None, expected=300)
UNEVEN = [(60, 60), (100, 25), (25, 100), (180, 20), (20, 180)]


def drawn(seed: int, sizes: tuple[int, int], *, shares: tuple[float, float], team: str = "west") -> list[Unit]:
    """`sizes` and `shares` of new and of old; each unit wins and opts out at random, a few days after its draw."""
    luck, (new, old) = random.Random(seed), sizes
    weights = {"new": float(new), "old": float(old)}
    found = []
    for arm, of, share in (("new", new, shares[0]), ("old", old, shares[1])):
        for place in range(of):
            happened = [(event, luck.randrange(9)) for event in ("won", "opted_out") if luck.random() < share]
            name = f"{team}-{arm}-{place}"
            found.append(unit(name, arm, place * 180 // of, team=team, weights=weights, happened=happened))
    return found


@st.composite
def experiments(draw: st.DrawFn) -> tuple[Experiment, list[Unit]]:
    guarded = Metric(event="opted_out", within=days(7))
    changes = {"guardrails": (guarded,), "secondary": (guarded,), "alpha": draw(st.sampled_from([0.05, 0.3]))}
    plan = experiment(ends=None, expected=200, **changes) if draw(st.booleans()) else experiment(**changes)
    chances = st.sampled_from([0.0, 0.05, 0.1, 0.25, 1.0])
    found: list[Unit] = []
    for team in ("west", "east")[: draw(st.integers(1, 2))]:
        shares = draw(chances), draw(chances)
        found += drawn(draw(st.integers(0, 999)), draw(st.sampled_from(UNEVEN)), shares=shares, team=team)
    return plan, found


def excludes_zero(low: float, high: float) -> bool:
    return low > 0 or high < 0


def agrees(look: LookResult) -> bool:
    """Range and test of one look say the same."""
    assert look.bound is not None and look.low is not None and look.high is not None
    return excludes_zero(look.low, look.high) == (look.z is not None and abs(look.z) >= look.bound)


@settings(max_examples=25, deadline=None)
@given(experiments())
def test_at_every_look_the_range_leaves_out_zero_exactly_where_the_test_is_beyond_its_bound(made) -> None:
    plan, found = made
    answer = compare(records(found, plan), END)
    (contrast,) = answer.contrasts
    tested = [look for look in contrast.looks if look.bound is not None]
    assert tested and all(agrees(look) for look in tested)
    for metric in answer.metrics:
        if metric.kind != "workload" and metric.bound is not None:
            assert metric.difference.low is not None and metric.difference.high is not None
            beyond = metric.z is not None and abs(metric.z) >= metric.bound
            assert excludes_zero(metric.difference.low, metric.difference.high) == beyond


@settings(max_examples=25, deadline=None)
@given(experiments(), st.integers(60, 400))
def test_nothing_is_left_undecided_with_a_range_that_leaves_out_zero(made, asked: int) -> None:
    plan, found = made
    answer = compare(records(found, plan), at(asked))
    for verdict in [answer.verdict, *(row.verdict for one in answer.contrasts for row in one.teams)]:
        for low, high in re.findall(r"true difference may lie between (\S+) and (\S+) points", verdict.words):
            assert not excludes_zero(*(float(end.replace("−", "-")) for end in (low, high)))


def uneven_winner(few: int, many: int) -> Comparison:
    """Two teams with 50 deals in new, of which few are won, and 450 in old, of which many are."""
    weights, found = {"new": 1.0, "old": 9.0}, []
    for team in ("west", "east"):
        for arm, of, wins in (("new", 50, few), ("old", 450, many)):
            for place in range(of):
                won = [("won", 3)] if (place * 7919) % of >= of - wins else []
                name = f"{team}-{arm}-{place}"
                found.append(unit(name, arm, place * 180 // of, team=team, weights=weights, happened=won))
    return compare(records(found), END)


def test_the_range_of_one_look_never_takes_back_a_winner_and_lies_within_that_of_all_looks() -> None:
    contrast = uneven_winner(few=4, many=15).contrasts[0]
    last = contrast.looks[-1]
    assert contrast.verdict.state == "winner" and last.z is not None and last.bound is not None and last.z > last.bound
    final, always = contrast.final, contrast.difference
    assert final is not None and final.low is not None and final.high is not None and final.standard_error is None
    assert always.low is not None and always.high is not None
    assert 0 < always.low < final.low < final.high < always.high


def test_what_read_as_decided_and_was_not_is_no_longer_said() -> None:
    """Four hundred against one hundred, 10 % against 4 %: z did not reach its bound, and the range said 0.9 to 12.1."""
    weights = {"new": 4.0, "old": 1.0}
    found = []
    for arm, of, share in (("new", 400, 0.10), ("old", 100, 0.04)):
        for place in range(of):
            won = [("won", 0)] if int((place + 1) * share + 1e-9) > int(place * share + 1e-9) else []
            found.append(unit(f"{arm}-{place}", arm, place * 180 // of, weights=weights, happened=won))
    verdict = compare(records(found), END).verdict
    assert verdict.state == "inconclusive"
    assert "The true difference may lie between −" in verdict.words


def test_teams_in_which_everybody_wins_are_compared_like_any_other() -> None:
    sizes = [((1, 1), (1, 19)), ((1, 1), (3, 14)), ((1, 1), (3, 27))]  # weighted, they came to 1.0000000000000002
    for teams in sizes:
        shares = shares_alike([Stratum(b=Tally(yes=b, of=b), a=Tally(yes=a, of=a)) for b, a in teams])
        assert shares is not None and max(shares) == 1
    found = drawn(1, (25, 100), shares=(1, 1)) + drawn(2, (60, 60), shares=(1, 1), team="east")
    answers = [compare(records(found), at(asked)) for asked in range(40, 240, 20)]
    assert answers[-1].verdict.state == "inconclusive"
    low, high = answers[-1].contrasts[0].difference.low, answers[-1].contrasts[0].difference.high
    assert low is not None and high is not None and -0.2 < low < 0 < high < 0.2


# -- the sentences


def fading(plan: Experiment) -> Comparison:
    """Decided early, when one arm was far ahead; then it fell behind."""
    weights = {"new": 1.0, "old": 1.0}
    found = []
    for arm, early, later in (("new", 2, 10), ("old", 9, 5)):
        for place in range(300):
            often = early if place < 100 else later
            won = [("won", 3)] if place % often == 0 else []
            found.append(unit(f"{arm}-{place}", arm, place * 180 // 300, weights=weights, happened=won))
    return compare(records(found, replace(plan, alpha=0.05)), END)


@pytest.mark.parametrize(("plan", "overstated"), [(experiment(), True), (OPEN, False)], ids=["end", "no end"])
def test_a_range_that_reaches_across_zero_is_said_to_be_of_a_later_look(plan: Experiment, overstated: bool) -> None:
    found = fading(plan)
    assert found.verdict.state == "winner"
    low, high = found.contrasts[0].difference.low, found.contrasts[0].difference.high
    assert low is not None and high is not None and low < 0 < high
    assert (
        "Since then the difference has become smaller: the range, of a later look, reaches across zero."
        in found.verdict.words
    )
    assert "more careful than the test" not in found.verdict.words
    assert ("planned end" in found.verdict.words) == overstated


def test_without_a_planned_end_nothing_is_said_of_one() -> None:
    found = compare(records(drawn(3, (100, 100), shares=(0.5, 0.05)), OPEN), END)
    assert found.verdict.state == "winner"
    assert "planned end" not in found.verdict.words and "across zero" not in found.verdict.words


def test_a_loser_s_difference_has_the_sign_of_its_range() -> None:
    words = compare(records(drawn(3, (100, 100), shares=(0.05, 0.5))), END).verdict.words
    assert re.search(r"a difference of −\d+(\.\d)? points \(between −\S+ and −\S+ points", words)
    running = compare(records(drawn(3, (100, 100), shares=(0.1, 0.15))), at(190)).verdict
    assert running.state == "running"
    assert re.search(r"differ by −\d+(\.\d)? points so far", running.words)


# -- the work, and looks without a plan


def test_the_work_row_shows_the_last_look_at_which_something_could_be_concluded() -> None:
    found = [
        replace(one, handed=tuple(handed((one.drawn_at - at(0)) // 86_400, f"p{k}") for k in range(1 + place % count)))
        for place, one in enumerate(drawn(5, (90, 90), shares=(0.2, 0.2)))
        for count in (3 if one.arm == "new" else 2,)
    ]
    settled = [one for one in weekly() if one.imported_at < at(120)]  # from here on the looks see nothing new
    answer = compare(records(found, settled=settled), at(150))
    (contrast,), (work,) = answer.contrasts, answer.metrics
    assert contrast.looks[-1].bound is None
    shown = next(look for look in reversed(contrast.looks) if look.bound is not None)
    assert work.bound == pytest.approx(shown.bound) and work.bound is not None
    assert work.difference.low is not None and work.difference.high is not None
    assert work.z is not None and not work.difference.reason


def test_without_an_end_a_look_has_the_bound_of_what_it_knows() -> None:
    found = records(drawn(3, (25, 100), shares=(0.3, 0.2)), OPEN)
    now = standing(found, END)
    assert now is not None
    followed = case_of(primary_of(now), "new", "old").followed
    look = followed.looks[-1]
    expected = sequence_bound(observed=4 * look.information, expected=300, alpha=0.05)
    assert look.bound == pytest.approx(expected) and look.information == pytest.approx(20)
    assert (followed.difference.p is not None and followed.difference.p < 0.05) == (abs(look.z or 0.0) >= expected)


def test_a_guardrail_of_a_small_arm_takes_more_and_of_a_large_one_no_less_than_its_plan() -> None:
    # without that, an arm of 60 against 540 crossed it by chance in 7 % instead of 5 %
    bounds = {}
    for sizes in ((300, 300), (60, 540), (540, 60)):
        plan = experiment(guardrails=(Metric(event="opted_out", within=days(7)),))
        found = compare(records(drawn(11, sizes, shares=(0.05, 0.05)), plan), END)
        (guardrail,) = [one for one in found.metrics if one.kind == "guardrail"]
        bounds[sizes] = guardrail.bound or 0.0
    assert bounds[60, 540] > 1.05 * bounds[300, 300]
    assert bounds[540, 60] == pytest.approx(bounds[300, 300], abs=0.03)
