"""From what the looks found to a verdict, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.core.plural import count
from engine.core.zones import local_date
from engine.experiments import wording
from engine.experiments.comparison import LookResult, State, Verdict
from engine.experiments.counting import Cohort, shares_alike
from engine.experiments.following import Followed, Question
from engine.experiments.outlook import outlook_of
from engine.experiments.standing import Standing
from engine.experiments.statistics.results import Tally
from engine.experiments.statistics.strata import Stratum, stratified_test
from engine.experiments.wording import Found, Subject


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One arm against another, overall or in one team, with all that a verdict needs."""

    now: Standing
    subject: Subject
    question: Question
    counted: Cohort
    followed: Followed

    @property
    def found(self) -> Found | None:
        shares, shown = shares_alike(self.followed.strata), self.followed.shown
        if shares is None or shown is None:
            return None
        b, a = shares
        return Found(
            share_b=b, share_a=a, b=shown.b, a=shown.a, difference=self.followed.difference, seen=self.seen
        )  # fmt: skip

    @property
    def seen(self) -> str:
        """Which look is spoken of."""
        shown = self.followed.shown
        if shown is None:
            return ""
        return wording.seen(shown.on, None if shown.as_of is None else local_date(shown.as_of, self.now.zone))

    @property
    def following(self) -> str:
        now = self.now
        return wording.following(now.schedule.next(now.asked), now.asked_on, now.schedule.ends)

    @property
    def drawn(self) -> tuple[int, int]:
        """(B, A): units drawn, whether or not their window is over."""
        b, a = (
            sum(len(arms[arm].mature) for arms in self.counted.values() if arm in arms)
            for arm in (self.question.b, self.question.a)
        )
        return b, a


def judge(case: Case) -> Verdict:
    crossed = case.followed.crossed
    if crossed is not None:
        return _decided(case, crossed)
    if case.now.over:
        return _at_the_end(case)
    why = _too_early(case)
    return Verdict(state="too_early", words=why) if why else _running(case)


def _decided(case: Case, crossed: LookResult) -> Verdict:
    found = case.found
    assert found is not None and crossed.z is not None  # a bound was crossed: there is something to compare
    won, planned = crossed.z > 0, case.now.schedule.planned
    look = f"look {crossed.number}{f' of {planned}' if planned else ''}, on {crossed.on}"
    early = planned is not None and not case.now.looks[crossed.number - 1].last
    smaller = _is_smaller(case.followed.shown, crossed)
    words = wording.decided(case.subject, found, won=won, look=look, early=early, smaller=smaller)
    state: State = "winner" if won else "loser"
    return Verdict(state=state, words=words, arm=case.question.b, look=crossed.number)


def _is_smaller(shown: LookResult | None, crossed: LookResult) -> bool:
    """Whether the difference is smaller by the look shown than at the one that decided."""
    if shown is None or shown.estimate is None or crossed.estimate is None:
        return False
    return abs(shown.estimate) < abs(crossed.estimate)


def _at_the_end(case: Case) -> Verdict:
    found, margin, subject = case.found, case.now.plan.margin, case.subject
    if found is None:
        why = f"no team has {subject.units} of both arms whose time is over"
        return Verdict(state="inconclusive", words=wording.inconclusive(subject, None, margin, why))
    if found.b.yes + found.a.yes < case.question.fewest:
        if subject.team is not None:
            return Verdict(state="too_early", words=f"Too little data alone{subject.where}: {_few(case, found)}.")
        return Verdict(state="inconclusive", words=wording.inconclusive(subject, found, margin, _few(case, found)))
    low, high = found.difference.low, found.difference.high
    if margin is not None and low is not None and high is not None and -margin <= low and high <= margin:
        return Verdict(state="no_difference", words=wording.no_difference(subject, found, margin))
    return Verdict(state="inconclusive", words=wording.inconclusive(subject, found, margin))


def _few(case: Case, found: Found) -> str:
    both = found.b.yes + found.a.yes
    return f"{count(both, case.subject.unit)} of both arms {case.subject.did}, too few to tell the arms apart"


def _too_early(case: Case) -> str:
    """Why nothing can be said yet; "" if something can."""
    return _nobody(case) or _no_look(case) or _too_few(case) or _unreachable(case)


def _nobody(case: Case) -> str:
    subject, (b, a) = case.subject, case.drawn
    if case.now.asked_on < case.now.plan.starts and not (b or a):
        return f"The experiment begins on {case.now.plan.starts}. Until then nothing is drawn."
    if not (b or a):
        return f"Too early: no {subject.unit} was drawn{subject.where} yet."
    if not (b and a):
        lone, empty = (subject.arm, subject.control) if b else (subject.control, subject.arm)
        return f"Nothing to compare{subject.where}: {subject.units} were drawn into {lone}, none into {empty}."
    return ""


def _no_look(case: Case) -> str:
    following, subject = case.following, case.subject
    if not case.now.looks:
        return f"Too early: nothing is over yet. {following.replace('The next look', 'The first look')}"
    if case.now.as_of is None:
        return "Too early: no import of deals was handled yet, so nothing is known of what became of them."
    if case.found is None:
        return f"{subject.too_early}: no team has {subject.units} of both arms {subject.over}. {following}"
    return ""


def _too_few(case: Case) -> str:
    found = case.found
    assert found is not None
    both = found.b.yes + found.a.yes
    if both >= case.question.fewest:
        return ""
    alone = f"Too little data alone{case.subject.where}" if case.subject.team is not None else case.subject.too_early
    return (
        f"{alone}: {case.seen}, {both} of {count(found.b.of + found.a.of, case.subject.unit)} "
        f"{case.subject.did}; at least {case.question.fewest} are needed. {case.following}"
    )


def _unreachable(case: Case) -> str:
    """At the first looks not even the clearest outcome could be told from chance; nor can it ever where all did it."""
    shown, subject = case.followed.shown, case.subject
    reach = max((_reach(case.followed.strata, side) for side in (1, -1)), default=0.0)
    if shown is not None and shown.bound is not None and reach >= shown.bound:
        return ""
    if shown is not None and shown.b.yes == shown.b.of and shown.a.yes == shown.a.of:
        return (
            f"{subject.too_early}: {case.seen}, of the {subject.units} {subject.over}, all of them {subject.did} in "
            f"both arms: nothing tells the arms apart. {case.following}"
        )
    return (
        f"{subject.too_early}: {case.seen}, there are so few {subject.units} {subject.over} that no outcome, however "
        f"clear, could be told from chance. {case.following}"
    )


def _reach(strata: tuple[Stratum, ...], side: int) -> float:
    """The |z| if all who did it had been in one arm."""
    z = stratified_test(_one_sided(stratum, side) for stratum in strata).z
    return abs(z) if z is not None and math.isfinite(z) else 0.0


def _one_sided(stratum: Stratum, side: int) -> Stratum:
    yes = stratum.b.yes + stratum.a.yes
    full, rest = (stratum.b.of, stratum.a.of) if side > 0 else (stratum.a.of, stratum.b.of)
    first = Tally(yes=min(yes, full), of=full)
    second = Tally(yes=yes - first.yes, of=rest)
    return Stratum(b=first, a=second) if side > 0 else Stratum(b=second, a=first)


def _running(case: Case) -> Verdict:
    found, now = case.found, case.now
    assert found is not None
    ahead = outlook_of(now, case.counted, case.question, case.followed)
    told = wording.outlook(ahead.needed, ahead.by, now.schedule.ends, case.subject)
    words = wording.running(case.subject, found, f"{told} {case.following}".strip())
    return Verdict(state="running", words=words, needed=ahead.needed, by=ahead.by)
