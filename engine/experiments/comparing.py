"""`playbook compare`: what is known of an experiment as of a day, and what follows from it.

Intention to treat: each unit counts in the arm that it was drawn into, whatever became of it there. Mature cohort: a
unit counts once its window is over, and then for good. A pure function of the records and the instant asked for; what
was recorded later changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias
from zoneinfo import ZoneInfo

from engine.core.durations import Instant
from engine.core.zones import local_date
from engine.core.zones import zone as zone_of
from engine.experiments.arms import arms_of
from engine.experiments.comparison import Comparison, Contrast, LookResult, Verdict
from engine.experiments.contrasting import Primary, contrast_of, primary_of
from engine.experiments.damage import Soundness, soundness_of
from engine.experiments.metrics import Guarded, Guardrails, guardrails_of, second_metrics
from engine.experiments.overall import overall_of
from engine.experiments.picture import curves_of, work_of
from engine.experiments.records import Records
from engine.experiments.remarks import behind, is_stale, remarks_of, stale
from engine.experiments.standing import Standing, standing
from engine.experiments.wording import Subject, blocked

Guarding: TypeAlias = Guardrails | tuple[()]  # (): none
NO_VERDICT = "No verdict: the records of this experiment are damaged, so its numbers cannot be trusted."


def compare(records: Records, asked: Instant, *, team: str = "") -> Comparison:
    """The comparison as of `asked`, of all teams or of one. Raises LibraryMissing without numpy."""
    now = standing(records, asked, team)
    if now is None:
        return _not_started(records, asked, team)
    sound = soundness_of(now)
    primary = primary_of(now)
    guarded = guardrails_of(now)
    contrasts = contrasts_of(primary, sound, guarded)
    metrics = (*guarded.results(), *second_metrics(now))
    verdict = overall_of(now, contrasts, lambda b, a: judged(primary, sound, guarded, b, a, with_teams=False))
    schedule, late, look = now.schedule, behind(now), _last_look(contrasts)
    if is_stale(now):
        verdict = replace(verdict, words=f"{verdict.words} {stale(now)}")
    return Comparison(
        experiment=now.plan.name,
        question=now.plan.question,
        asked_on=now.asked_on,
        as_of=now.as_of,
        as_of_on=None if now.as_of is None else local_date(now.as_of, now.zone),
        days_behind=late,
        unit=now.plan.unit,
        primary=now.plan.primary.name,
        control=now.plan.control,
        starts=now.plan.starts,
        ends=now.plan.ends,
        verdict=verdict,
        arms=tuple(arms_of(primary, now.as_of if look is None else look.as_of)),
        contrasts=contrasts,
        mismatches=sound.mismatches,
        metrics=metrics,
        curves=tuple(curves_of(now)),
        workload=tuple(work_of(now)),
        remarks=(*sound.reasons, *remarks_of(now, contrasts, metrics)),
        not_randomised=now.apart,
        phases=now.phases,
        looks_planned=schedule.planned,
        next_look=None if now.over else schedule.next(asked),
        team=team,
        look_on=look.on if look else None,
        look_as_of=look.as_of if look else None,
    )


def _last_look(contrasts: Sequence[Contrast]) -> LookResult | None:
    """The newest look at which something could be concluded, else the newest: what is said is said of it."""
    looks = [look for contrast in contrasts for look in contrast.looks]
    bounded = [look for look in looks if look.bound is not None]
    return max(bounded or looks, key=lambda look: look.number, default=None)


def contrasts_of(primary: Primary, sound: Soundness, guarded: Guarding) -> tuple[Contrast, ...]:
    """Every arm against the control, each with its verdict as it stands with guardrails and damage."""
    control = primary.now.plan.control
    return tuple(judged(primary, sound, guarded, arm, control) for arm in primary.now.others)


def judged(
    primary: Primary, sound: Soundness, guarded: Guarding, b: str, a: str, *, with_teams: bool = True
) -> Contrast:
    found = contrast_of(primary, b, a, with_teams=with_teams)
    if sound.reasons:
        return _without_verdict(found, " ".join((NO_VERDICT, *sound.reasons)))
    return _guarded(primary.now, found, guarded) if guarded else found


def _without_verdict(contrast: Contrast, words: str) -> Contrast:
    invalid = Verdict(state="invalid", words=words)
    teams = tuple(replace(team, verdict=Verdict(state="invalid", words=NO_VERDICT)) for team in contrast.teams)
    return replace(contrast, verdict=invalid, teams=teams)


def _guarded(now: Standing, contrast: Contrast, guarded: Guardrails) -> Contrast:
    """A guardrail that was crossed by the last look keeps an arm from being a winner: overall one of all teams, in the
    row of a team one of that team alone."""
    teams = tuple(
        replace(team, verdict=_held(now, team.verdict, guarded, contrast.arm, team.team)) for team in contrast.teams
    )
    return replace(contrast, verdict=_held(now, contrast.verdict, guarded, contrast.arm, now.team or None), teams=teams)


def _held(now: Standing, verdict: Verdict, rails: Guardrails, arm: str, team: str | None) -> Verdict:
    if verdict.state != "winner":
        return verdict
    final = now.looks[-1].on if now.over else None
    crossed = (one for one in rails.of(arm, team) if one.crossed and (final is None or one.crossed.on <= final))
    guarded = next(crossed, None)
    return _blocked(now, verdict, guarded, team) if guarded else verdict


def _blocked(now: Standing, verdict: Verdict, guarded: Guarded, team: str | None) -> Verdict:
    assert guarded.crossed is not None  # that is why it blocks
    subject = Subject(
        arm=guarded.result.arm, control=now.plan.control, metric=now.plan.primary, unit=now.plan.unit, team=team
    )
    words = f"{blocked(subject, guarded.metric, guarded.crossed.on)} Without that: {verdict.words}"
    return replace(verdict, state="inconclusive", words=words, blocked_by=guarded.metric.name)


def _not_started(records: Records, asked: Instant, team: str) -> Comparison:
    zone: ZoneInfo = zone_of(records.zone)
    words = (
        f"The experiment{f' {records.name}' if records.name else ''} had not been started by then: nothing was drawn."
    )
    today = local_date(asked, zone)
    return Comparison(
        experiment=records.name,
        question="",
        asked_on=today,
        as_of=None,
        as_of_on=None,
        days_behind=None,
        unit="deal",
        primary="",
        control="",
        starts=today,
        ends=None,
        verdict=Verdict(state="too_early", words=words),
        team=team,
    )
