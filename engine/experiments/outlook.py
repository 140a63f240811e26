"""How many more units a contrast needs if it stays as it is, and by when they will be there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.zones import local_date
from engine.experiments.counting import Cohort, shares_alike, sizes_of
from engine.experiments.following import Followed, Question
from engine.experiments.standing import Standing
from engine.experiments.statistics.samples import times_needed

LOOKING = 1.04  # weekly O'Brien-Fleming looks take about so many times the units of a single test at the end
SEQUENCE_LOOKING = 2.0  # a confidence sequence about twice as many
_FARTHEST = 100_000  # units: a number beyond it only says that the arms are alike
_LONGEST = 3_660  # days


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """`needed`: further units of both arms whose window must be over; None where the arms are (nearly) alike. `by`:
    when; None where that cannot be told, or is later than the planned end."""

    needed: int | None = None
    by: date | None = None


def outlook_of(now: Standing, counted: Cohort, question: Question, followed: Followed) -> Outlook:
    """For a difference of the size seen so far, to be found four times out of five."""
    needed = _needed(question, followed)
    if needed is None or needed > _FARTHEST:
        return Outlook()
    by = _by(now, counted, question, needed)
    ends = now.schedule.ends
    return Outlook(needed=needed, by=None if by is None or (ends is not None and by > ends) else by)


def _needed(question: Question, followed: Followed) -> int | None:
    shares, shown = shares_alike(followed.strata), followed.shown
    if shares is None or shown is None or not shown.information:
        return None
    times = times_needed(base=shares[1], other=shares[0], sizes=sizes_of(followed.strata), alpha=question.alpha)
    if times is None:
        return None
    units = shown.b.of + shown.a.of
    total = units * times * (SEQUENCE_LOOKING if question.expected else LOOKING)
    return max(math.ceil(total - units), 1) if math.isfinite(total) else None


def _by(now: Standing, counted: Cohort, question: Question, needed: int) -> date | None:
    """From the windows that are still running, and beyond them at the pace of drawing so far."""
    if now.as_of is None:
        return None
    pair = (question.b, question.a)
    both = [arms for arms in counted.values() if all(arm in arms for arm in pair)]
    matures = sorted(at for arms in both for arm in pair for at in arms[arm].mature)
    coming = [at for at in matures if at > now.as_of]
    if needed <= len(coming):
        return local_date(coming[needed - 1], now.zone)
    drawing = now.stopped_at is None and (now.plan.ends is None or now.asked_on < now.plan.ends)
    if not drawing or not matures:
        return None
    pace = len(matures) / max((now.asked_on - now.plan.starts).days + 1, 1)
    days = math.ceil((needed - len(coming)) / pace)
    return local_date(coming[-1] if coming else now.as_of, now.zone) + timedelta(days=days) if days < _LONGEST else None
