"""One arm against the control: followed through the looks, judged overall and team by team.

`contrast_of` is what `compare` shows and what the self-test counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.experiments.comparison import Contrast, TeamResult, Verdict
from engine.experiments.counting import Cohort, added_up, cohort, shares_alike, sizes_of
from engine.experiments.following import Followed, Question, follow, method_of
from engine.experiments.judging import Case, judge
from engine.experiments.standing import Standing
from engine.experiments.statistics import normal
from engine.experiments.statistics.proportions import score_interval
from engine.experiments.statistics.results import Interval, Tally
from engine.experiments.statistics.samples import detectable_of
from engine.experiments.statistics.score import score_difference
from engine.experiments.statistics.strata import Stratum, homogeneity_test
from engine.experiments.wording import Subject

DIFFERS = 0.05  # p of the Breslow-Day test: below it the teams should be read one by one
_FINAL = "difference of shares within strata, one look, Miettinen-Nurminen score interval"
NOT_RANDOMISED = "all of its units are in one arm"


@dataclass(frozen=True, slots=True)
class Primary:
    """The counts of the primary metric, made once for all contrasts."""

    now: Standing
    counted: Cohort

    def question(self, b: str, a: str, teams: int = 1) -> Question:
        """`teams`: how many are judged side by side, which shares alpha among them."""
        alpha = self.now.alpha(b, a) / max(teams, 1)
        expected, counted = self.now.expected(b, a), self.now.plan.primary.event
        return Question(b=b, a=a, alpha=alpha, expected=expected, event=counted)


def primary_of(now: Standing) -> Primary:
    return Primary(now, cohort(now.units, now.plan.primary, now.zone))


def case_of(primary: Primary, b: str, a: str, *, team: str | None = None, teams: int = 1) -> Case:
    """B against A, overall or in one team ("": the deals without a team) with its part of alpha.

    Raises LibraryMissing without numpy.
    """
    now = primary.now
    counted = {place: arms for place, arms in primary.counted.items() if team in (None, place[0])}
    question = primary.question(b, a, teams)
    followed = follow(now.looks, counted, question)
    subject = Subject(arm=b, control=a, metric=now.plan.primary, unit=now.plan.unit, team=team)
    return Case(now=now, subject=subject, question=question, counted=counted, followed=followed)


def contrast_of(primary: Primary, b: str, a: str, *, with_teams: bool = True) -> Contrast:
    """Where the comparison is of one team alone, it is that team's verdict with that team's part of alpha."""
    now = primary.now
    case = case_of(primary, b, a, team=now.team or None, teams=len(now.teams) if now.team else 1)
    strata, shown = case.followed.strata, case.followed.shown
    pair = (shown.b, shown.a) if shown else (Tally(yes=0, of=0), Tally(yes=0, of=0))
    homogeneity = homogeneity_test(strata)
    several = len({stratum.name for stratum in strata if stratum.randomised}) > 1
    return Contrast(
        arm=b,
        control=a,
        alpha=case.question.alpha,
        method=method_of(case.question),
        b=pair[0],
        a=pair[1],
        difference=case.followed.difference,
        verdict=judge(case),
        looks=case.followed.looks,
        teams=tuple(_teams(primary, b, a)) if with_teams and not now.team else (),
        final=_final(strata, case.question.alpha) if now.over else None,
        homogeneity=homogeneity,
        teams_differ=several and homogeneity.p is not None and homogeneity.p < DIFFERS,
        crude=_crude(strata, case.question.alpha),
        detectable=_detectable(case.followed, case.question.alpha),
    )


def _final(strata: tuple[Stratum, ...], alpha: float) -> Interval:
    """The range of one look at the planned end: made of the same statistic as that of all looks, and so within it."""
    return score_difference(strata, bound=normal.critical(1 - alpha), level=1 - alpha, method=_FINAL)


def _crude(strata: tuple[Stratum, ...], alpha: float) -> Interval:
    b, a = added_up(strata)
    return score_interval(b=b, a=a, level=1 - alpha)


def _detectable(followed: Followed, alpha: float) -> float | None:
    shares = shares_alike(followed.strata)
    if shares is None or followed.shown is None:
        return None
    return detectable_of(base=shares[1], sizes=sizes_of(followed.strata), alpha=alpha)


def _teams(primary: Primary, b: str, a: str) -> Iterator[TeamResult]:
    teams = primary.now.teams
    both = _randomised(primary.counted, b, a)
    for team in sorted({place[0] for place in primary.counted}):
        yield _team(primary, b, a, team, len(teams), randomised=team in both)


def _randomised(counted: Cohort, b: str, a: str) -> Mapping[str, bool]:
    """The teams with units of both arms that were drawn in the same phase."""
    return {place[0]: True for place, arms in counted.items() if b in arms and a in arms}


def _team(primary: Primary, b: str, a: str, team: str, teams: int, *, randomised: bool) -> TeamResult:
    case = case_of(primary, b, a, team=team, teams=teams)
    shown = case.followed.shown
    verdict = judge(case)
    if not randomised:
        verdict = Verdict(state="too_early", words=f"Team {team or '(none)'} has units in one of the two arms only.")
    return TeamResult(
        team=team,
        randomised=randomised,
        alpha=case.question.alpha,
        b=shown.b if shown else Tally(yes=0, of=0),
        a=shown.a if shown else Tally(yes=0, of=0),
        difference=case.followed.difference,
        verdict=verdict,
        reason="" if randomised else NOT_RANDOMISED,
    )
