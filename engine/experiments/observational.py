"""Playbooks side by side that were not drawn at random. Whatever the numbers say, it is no evidence: somebody chose who
got which playbook, and may well have chosen by what makes a customer come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from engine.core.durations import Instant
from engine.core.experiment import Arm, Experiment, Metric
from engine.core.shares import points
from engine.core.zones import local_date
from engine.experiments.arms import arms_of
from engine.experiments.comparison import Comparison, Contrast, TeamResult, Verdict
from engine.experiments.contrasting import DIFFERS, Primary, primary_of
from engine.experiments.counting import Cohort, added_up, shares_alike, strata_at
from engine.experiments.picture import curves_of, work_of
from engine.experiments.records import Records
from engine.experiments.remarks import behind
from engine.experiments.standing import Standing, standing
from engine.experiments.statistics.proportions import newcombe_interval, score_interval
from engine.experiments.statistics.results import Tally
from engine.experiments.statistics.strata import Stratum, homogeneity_test, stratified_difference
from engine.experiments.wording import Found, Subject, against, span

NO_EVIDENCE = "This is no evidence: who got which playbook was somebody's choice, not chance."
METHOD = "no evidence (not drawn at random): Mantel-Haenszel difference within teams, Sato's standard error"
_LEVEL = 0.95


def as_experiment(playbooks: Sequence[str], primary: Metric, starts: date, *, unit: str = "deal") -> Experiment:
    """The playbooks as arms, the first as what the others are compared with, to make `Records` with (phase 1).

    Raises ValueError for fewer than two playbooks, or one named twice.
    """
    if len(playbooks) < 2 or len(set(playbooks)) < len(playbooks):
        raise ValueError("two different playbooks or more can be compared")
    return Experiment(
        name=" and ".join(playbooks),
        starts=starts,
        arms={name: Arm(name=name, playbook=name) for name in playbooks},
        control=playbooks[0],
        primary=primary,
        unit="account" if unit == "account" else "deal",
    )


def observe(records: Records, asked: Instant, *, team: str = "") -> Comparison:
    """The comparison of what was not randomised: `records` as for an experiment, with an arm per playbook, each unit
    in the arm whose playbook it got, "drawn" when that began, with no weights and no probability."""
    now = standing(records, asked, team)
    if now is None:
        now = standing(records, records.phases[0].began_at, team)
        assert now is not None
    primary = primary_of(now)
    contrasts = tuple(_contrast(primary, arm) for arm in now.others)
    told = (_difference(primary, one) for one in contrasts)
    words = " ".join((NO_EVIDENCE, *told))
    return Comparison(
        experiment=now.plan.name,
        question=now.plan.question,
        asked_on=now.asked_on,
        as_of=now.as_of,
        as_of_on=None if now.as_of is None else local_date(now.as_of, now.zone),
        days_behind=behind(now),
        unit=now.plan.unit,
        primary=now.plan.primary.name,
        control=now.plan.control,
        starts=now.plan.starts,
        ends=None,
        verdict=Verdict(state="not_evidence", words=words),
        arms=tuple(arms_of(primary, now.as_of)),
        contrasts=contrasts,
        curves=tuple(curves_of(now)),
        workload=tuple(work_of(now)),
        remarks=tuple(_remarks(contrasts)),
        team=team,
        observational=True,
    )


def _contrast(primary: Primary, arm: str) -> Contrast:
    now = primary.now
    strata = _by_team(primary.counted, now, arm)
    b, a = added_up(strata)
    everything = _all(strata)
    homogeneity = homogeneity_test(strata)
    difference = stratified_difference(strata, level=_LEVEL)
    found = Contrast(
        arm=arm,
        control=now.plan.control,
        alpha=1 - _LEVEL,
        method=METHOD,
        b=b,
        a=a,
        difference=replace(difference, method=METHOD),
        verdict=Verdict(state="not_evidence", words="No evidence."),
        teams=tuple(_teams(strata)),
        homogeneity=homogeneity,
        teams_differ=homogeneity.p is not None and homogeneity.p < DIFFERS,
        crude=replace(score_interval(b=everything[0], a=everything[1], level=_LEVEL), method=f"no evidence: {_CRUDE}"),
    )
    return replace(found, verdict=Verdict(state="not_evidence", words=f"No evidence: {_difference(primary, found)}"))


_CRUDE = "difference with all teams thrown together, Miettinen-Nurminen score interval"


def _by_team(counted: Cohort, now: Standing, arm: str) -> tuple[Stratum, ...]:
    return tuple(strata_at(counted, now.as_of, b=arm, a=now.plan.control))


def _all(strata: Sequence[Stratum]) -> tuple[Tally, Tally]:
    """Also of teams that used one of the two only."""
    b = Tally(yes=sum(one.b.yes for one in strata), of=sum(one.b.of for one in strata))
    a = Tally(yes=sum(one.a.yes for one in strata), of=sum(one.a.of for one in strata))
    return b, a


def _difference(primary: Primary, contrast: Contrast) -> str:
    plan = primary.now.plan
    strata = _by_team(primary.counted, primary.now, contrast.arm)
    subject = Subject(arm=contrast.arm, control=contrast.control, metric=plan.primary, unit=plan.unit)
    shares = shares_alike(strata)
    if shares is None:
        return f"No team has {subject.units} with both {contrast.arm} and {contrast.control} {subject.over}."
    as_of = primary.now.as_of
    seen = "" if as_of is None else f"by the import of {local_date(as_of, primary.now.zone)}"
    found = Found(
        share_b=shares[0], share_a=shares[1], b=contrast.b, a=contrast.a, difference=contrast.difference, seen=seen
    )  # fmt: skip
    ranged = f" ({span(contrast.difference)})" if span(contrast.difference) else ""
    crude = contrast.crude.estimate if contrast.crude else None
    together = "" if crude is None else f" With all teams thrown together it is {_way(crude)}{points(crude)}."
    way = "more" if shares[0] >= shares[1] else "less"
    distance = points(shares[0] - shares[1])
    return (
        f"{contrast.arm} against {contrast.control}, within teams: {against(subject, found)}, {distance} {way}{ranged}."
        f"{together}"
    )


def _way(difference: float) -> str:
    return "minus " if difference < 0 else ""


def _teams(strata: Sequence[Stratum]) -> Iterator[TeamResult]:
    for stratum in sorted(strata, key=lambda one: one.name):
        difference = newcombe_interval(b=stratum.b, a=stratum.a, level=_LEVEL)
        yield TeamResult(
            team=stratum.name,
            randomised=False,
            alpha=1 - _LEVEL,
            b=stratum.b,
            a=stratum.a,
            difference=replace(difference, method=f"no evidence: {difference.method}"),
            verdict=Verdict(state="not_evidence", words="No evidence."),
            reason="no evidence",
        )


def _remarks(contrasts: Sequence[Contrast]) -> Iterator[str]:
    yield (
        "Why it is no evidence: deals that looked promising may have got one playbook, hopeless ones the other; then "
        "the better number is the better deal, not the better playbook. Only an experiment can tell."
    )
    yield (
        "Teams are those in which the deals are today, not those in which they were when the playbook began. (No "
        "evidence.)"
    )
    for contrast in contrasts:
        if contrast.teams_differ:
            yield f"No evidence either: {contrast.arm} and {contrast.control} differ from team to team in other ways."
