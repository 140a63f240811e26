"""Comparisons to be shown: made up, but as a real one could be; and those that are hard to draw."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engine.experiments.comparison import (
    ArmResult,
    Comparison,
    Contrast,
    Curve,
    LookResult,
    MetricResult,
    Mismatch,
    TeamResult,
    Verdict,
    WeekOfWork,
)
from engine.experiments.statistics.boundaries import boundaries
from engine.experiments.statistics.proportions import score_interval, wilson_interval
from engine.experiments.statistics.results import Interval, Tally

STARTS, ENDS, ASKED = date(2026, 12, 1), date(2027, 5, 31), date(2027, 9, 14)
WEEK = timedelta(days=7)
NONE = Interval(level=0.95, method="", reason="nobody is mature yet")


def winner() -> Comparison:
    return comparison(
        arms=["ten_weeks", "four_weeks", "nothing"],
        rates=[0.06, 0.16, 0.05],
        teams=["east", "north", "south", "west"],
        looks=15,
    )


def running() -> Comparison:
    made = comparison(arms=["ten_weeks", "four_weeks"], rates=[0.08, 0.1], teams=["east", "west"], looks=9, per_arm=140)
    words = "No arm is ahead by more than chance yet. It needs about 410 more mature deals, by about 2027-12-20."
    return replace(made, verdict=Verdict(state="running", words=words, needed=410, by=date(2027, 12, 20)))


def not_started() -> Comparison:
    verdict = Verdict(state="too_early", words="Nobody has been drawn yet: the experiment starts on 2026-12-01.")
    arms = tuple(arm(name, 0, Tally(yes=0, of=0)) for name in ("a", "b"))
    contrast = Contrast(
        arm="b",
        control="a",
        alpha=0.05,
        method="stratified test",
        b=Tally(yes=0, of=0),
        a=Tally(yes=0, of=0),
        difference=NONE,
        verdict=verdict,
    )
    return replace(
        winner(),
        verdict=verdict,
        arms=arms,
        contrasts=(contrast,),
        control="a",
        as_of=None,
        as_of_on=None,
        days_behind=None,
        mismatches=(),
        metrics=(),
        curves=(),
        workload=(),
        remarks=(),
        not_randomised={},
        next_look=date(2027, 6, 6),
    )


def nothing_at_all() -> Comparison:
    return replace(not_started(), arms=(), contrasts=(), question="", next_look=None, looks_planned=None, ends=None)


def early() -> Comparison:
    made = comparison(arms=["a", "b"], rates=[0.1, 0.1], teams=["west"], looks=2, per_arm=20)
    looks = tuple(
        replace(look, bound=None, reason="too early: the plan allows no conclusion yet")
        for look in made.contrasts[0].looks
    )
    verdict = Verdict(state="too_early", words="Too early: fewer than 10 wins in all.")
    return replace(made, verdict=verdict, contrasts=(replace(made.contrasts[0], looks=looks, verdict=verdict),))


def one_look() -> Comparison:
    return comparison(arms=["a", "b"], rates=[0.1, 0.1], teams=["west"], looks=1)


def no_wins() -> Comparison:
    made = comparison(arms=["a", "b"], rates=[0.0, 0.0], teams=["west", "east"], looks=6)
    none = Interval(
        level=0.95, method="", estimate=0.0, reason="all deals ended alike, so nothing tells the arms apart"
    )
    teams = tuple(replace(team, difference=none) for team in made.contrasts[0].teams)
    return replace(made, contrasts=(replace(made.contrasts[0], difference=none, teams=teams),))


def many_arms() -> Comparison:
    return comparison(
        arms=[f"arm_number_{n}" for n in range(12)],
        rates=[0.05 + 0.01 * n for n in range(12)],
        teams=["east", "west"],
        looks=10,
    )


def many_teams() -> Comparison:
    return comparison(
        arms=["before", "after"], rates=[0.1, 0.12], teams=[f"team {n}" for n in range(40)], looks=52, people=40
    )


def long_names() -> Comparison:
    long = "a check-in after four weeks and then every quarter until the budget of the next year is set"
    people = [
        "Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine",
        "株式会社サンプル営業部山田太郎山田太郎山田太郎",
        "kim",
    ]
    made = comparison(
        arms=["control_" + "x" * 50, long, "日本語の長い名前の腕" * 4],
        rates=[0.05, 0.1, 0.12],
        teams=["Mittelständische Kunden Nordrhein-Westfalen", "WWWWWWWWWWWWWWWWWWWWWWWWWWW"],
        looks=8,
    )
    work = tuple(replace(week, person=people[number % 3]) for number, week in enumerate(made.workload))
    return replace(made, experiment="e" * 90, question="Why? " * 40, workload=work)


def hostile() -> Comparison:
    """Names that a browser or a terminal would obey."""
    bad = "<script>alert(1)</script>"
    made = comparison(
        arms=[bad, '"><img src=x onerror=alert(1)>'],
        rates=[0.1, 0.1],
        teams=["</title></svg><b>", "\x1b[31m\u202e"],
        looks=5,
    )
    return replace(
        made,
        experiment=bad,
        question="</style><script>",
        remarks=("</ul><script>x</script>", "=SUM(A1)"),
        not_randomised={"<i>": 2},
    )


def endless() -> Comparison:
    made = comparison(arms=["a", "b"], rates=[0.06, 0.13], teams=["east", "west"], looks=20)
    contrast = made.contrasts[0]
    looks = []
    for look in contrast.looks:
        wide = 1.1 / math.sqrt(max(look.information, 1))
        looks.append(
            replace(look, bound=None, z=None, low=(look.estimate or 0) - wide, high=(look.estimate or 0) + wide)
        )
    verdict = Verdict(state="winner", words="b wins back more.", arm="b", look=18)
    return replace(
        made,
        ends=None,
        looks_planned=None,
        verdict=verdict,
        contrasts=(replace(contrast, looks=tuple(looks), verdict=verdict, method="confidence sequence"),),
    )


def observational() -> Comparison:
    made = comparison(arms=["check-in", "debrief"], rates=[0.06, 0.1], teams=["east", "west"], looks=0)
    words = "This is no evidence: who got which playbook was somebody's choice."
    verdict = Verdict(state="not_evidence", words=words)
    contrasts = tuple(
        replace(one, verdict=verdict, teams=tuple(replace(team, verdict=verdict) for team in one.teams))
        for one in made.contrasts
    )
    return replace(
        made,
        observational=True,
        verdict=verdict,
        contrasts=contrasts,
        mismatches=(),
        metrics=(),
        looks_planned=None,
        remarks=("This is no evidence: the deals may have differed before.",),
    )


SAMPLES = {
    made.__name__: made
    for made in (
        winner,
        running,
        not_started,
        nothing_at_all,
        early,
        one_look,
        no_wins,
        many_arms,
        many_teams,
        long_names,
        hostile,
        endless,
        observational,
    )
}


def comparison(
    *,
    arms: Sequence[str],
    rates: Sequence[float],
    teams: Sequence[str],
    looks: int,
    per_arm: int = 250,
    people: int = 3,
) -> Comparison:
    """The first arm is the control."""
    chance = random.Random(f"{arms}{teams}{looks}")
    tallies = [Tally(yes=round(per_arm * rate), of=per_arm) for rate in rates]
    contrasts = tuple(
        contrast(chance, arms[0], name, tallies[0], tally, teams, looks)
        for name, tally in zip(arms[1:], tallies[1:], strict=True)
    )
    best = next((one for one in contrasts if one.verdict.state == "winner"), contrasts[0])
    return Comparison(
        experiment="check-in-timing",
        question="Does a check-in after four weeks win back more deals than one after ten?",
        asked_on=ASKED,
        as_of=int(datetime(2027, 9, 12, 4, 0, tzinfo=UTC).timestamp()),
        as_of_on=date(2027, 9, 12),
        days_behind=2,
        unit="deal",
        primary="won within 180d",
        control=arms[0],
        starts=STARTS,
        ends=ENDS,
        verdict=best.verdict,
        arms=tuple(arm(name, round(per_arm * 1.4), tally) for name, tally in zip(arms, tallies, strict=True)),
        contrasts=contrasts,
        mismatches=(
            Mismatch(team="", flagged=False, statistic=0.12, p=0.94),
            *(Mismatch(team=team, flagged=False, reason="fewer than 8 expected in an arm") for team in teams[:2]),
        ),
        metrics=metrics(arms),
        curves=tuple(curve for name, rate in zip(arms, rates, strict=True) for curve in curves(chance, name, rate)),
        workload=workload(chance, arms, people),
        remarks=("The data is 2 days older than the day asked for.", "3 % of four_weeks were moved by hand."),
        not_randomised={"key accounts": 31},
        phases=1,
        looks_planned=26,
        next_look=date(2027, 9, 18),
    )


def arm(name: str, drawn: int, tally: Tally) -> ArmResult:
    return ArmResult(
        arm=name,
        playbook="four-week-check-in",
        holdout=name == "nothing",
        drawn=drawn,
        mature=tally.of,
        overridden=drawn // 40,
        expected=drawn + 1.5,
        count=tally,
        share=wilson_interval(tally),
        actions_per_unit=None if name == "nothing" else 3.4,
    )


def contrast(
    chance: random.Random, control: str, name: str, a: Tally, b: Tally, teams: Sequence[str], looks: int
) -> Contrast:
    taken = look_results(a, b, looks)
    crossed = next(
        (look for look in taken if look.z is not None and look.bound is not None and abs(look.z) >= look.bound), None
    )
    words = (
        f"{name} wins back more: {b.yes / b.of:.1%} against {a.yes / a.of:.1%} of the deals whose 180 days are over."
    )
    verdict = (
        Verdict(state="winner", words=words, arm=name, look=crossed.number)
        if crossed
        else Verdict(state="running", words="No arm is ahead yet.")
    )
    return Contrast(
        arm=name,
        control=control,
        alpha=0.025,
        method="Cochran-Mantel-Haenszel with Lan-DeMets O'Brien-Fleming boundaries",
        b=b,
        a=a,
        difference=score_interval(b=b, a=a, level=0.99),
        verdict=verdict,
        looks=taken,
        teams=tuple(team_result(chance, team, a, b, len(teams)) for team in teams),
        teams_differ=len(teams) > 3,
        detectable=0.12,
    )


def team_result(chance: random.Random, team: str, a: Tally, b: Tally, teams: int) -> TeamResult:
    size = max(b.of // teams, 4)
    own = [
        Tally(yes=min(size, round(size * chance.uniform(0.6, 1.4) * tally.yes / tally.of)), of=size) for tally in (b, a)
    ]
    verdict = Verdict(state="too_early" if sum(one.yes for one in own) < 10 else "running", words="")
    return TeamResult(
        team=team,
        randomised=True,
        alpha=0.05 / teams,
        b=own[0],
        a=own[1],
        difference=score_interval(b=own[0], a=own[1], level=1 - 0.05 / teams),
        verdict=verdict,
    )


def look_results(a: Tally, b: Tally, looks: int) -> tuple[LookResult, ...]:
    """Both arms fill evenly; z wavers around what it comes to."""
    parts = [number / max(looks, 1) for number in range(1, looks + 1)]
    plan = [number / 26 if looks <= 26 else number / looks for number in range(1, looks + 1)]
    tallies = [
        (Tally(yes=int(b.yes * part), of=int(b.of * part)), Tally(yes=int(a.yes * part), of=int(a.of * part)))
        for part in parts
    ]
    bounds = boundaries(information=[one.of / 2 for one, _ in tallies], fractions=plan, alpha=0.025) if looks else ()
    results = []
    for look, (in_b, in_a) in zip(bounds, tallies, strict=True):
        mean = (in_a.yes + in_b.yes) / (in_a.of + in_b.of)
        error = math.sqrt(2 * mean * (1 - mean) / in_a.of)
        estimate = in_b.yes / in_b.of - in_a.yes / in_a.of
        reach = (look.bound or 8) * error
        results.append(
            LookResult(
                number=look.number,
                on=date(2027, 6, 6) + (look.number - 1) * WEEK,
                as_of=int(datetime(2027, 6, 5, 4, tzinfo=UTC).timestamp()) + (look.number - 1) * 7 * 86400,
                b=in_b,
                a=in_a,
                information=look.information,
                fraction=look.fraction,
                spent=look.spent,
                bound=look.bound,
                z=estimate / error if error else None,
                estimate=estimate,
                low=estimate - reach if error else None,
                high=estimate + reach if error else None,
                reason=look.reason,
            )
        )
    return tuple(results)


def curves(chance: random.Random, name: str, rate: float) -> list[Curve]:
    made = []
    for cause, top in (("won", rate), ("opted_out", 0.04), ("deleted", 0.01)):
        days, shares, share = [], [], 0.0
        for day in sorted(chance.sample(range(3, 180), 40)) if top else [180]:
            share += top / 40
            days.append(day)
            shares.append(share if top else 0.0)
        left = [round(350 * (1 - day / 400)) for day in days]
        reach = [
            1.96 * math.sqrt(max(share * (1 - share), 0) / max(n, 1)) for share, n in zip(shares, left, strict=True)
        ]
        made.append(
            Curve(
                arm=name,
                cause=cause,
                days=tuple(days),
                shares=tuple(shares),
                lows=tuple(max(share - wide, 0) if top else None for share, wide in zip(shares, reach, strict=True)),
                highs=tuple(share + wide if top else None for share, wide in zip(shares, reach, strict=True)),
                at_risk=tuple(left),
            )
        )
    return made


def metrics(arms: Sequence[str]) -> tuple[MetricResult, ...]:
    b, a = Tally(yes=52, of=310), Tally(yes=44, of=305)
    found = []
    for name in arms[1:]:
        found.append(
            MetricResult(
                kind="secondary",
                metric="reply within 60d",
                arm=name,
                control=arms[0],
                b=b,
                a=a,
                p=0.21,
                adjusted_p=0.42,
                difference=score_interval(b=b, a=a),
                words="No difference beyond chance.",
            )
        )
        found.append(
            MetricResult(
                kind="guardrail",
                metric="opted_out within 180d",
                arm=name,
                control=arms[0],
                b=Tally(yes=8, of=310),
                a=Tally(yes=6, of=305),
                difference=score_interval(b=Tally(yes=8, of=310), a=Tally(yes=6, of=305)),
                z=0.5,
                bound=2.4,
                words="Not crossed: no more opt-outs than chance would give.",
            )
        )
        found.append(
            MetricResult(
                kind="workload",
                metric="actions per deal",
                arm=name,
                control=arms[0],
                b_mean=3.4,
                a_mean=2.1,
                p=0.0002,
                difference=Interval(level=0.95, method="Welch", estimate=1.3, low=0.7, high=1.9),
                words="1.3 more actions per deal.",
            )
        )
    return tuple(found)


def workload(chance: random.Random, arms: Sequence[str], people: int) -> tuple[WeekOfWork, ...]:
    names = ["kim", "noor", "sam"] if people == 3 else [f"person {n}" for n in range(people)]
    return tuple(
        WeekOfWork(
            arm=name,
            week=date(2026, 12, 7) + number * WEEK,
            person=person,
            actions=chance.randint(0, 9),
            facing=chance.randint(0, 4),
        )
        for person in names
        for number in range(38)
        for name in arms
        if name != "nothing"
    )
