"""How often a contact may be approached: one pure question, asked when an action is due, never when planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from engine.core.account import Touch
from engine.core.durations import Duration
from engine.core.enrolment import Instant
from engine.core.model import Limit

AddTo: TypeAlias = Callable[[Instant, Duration], Instant]  # an instant, moved by a duration in the contact's zone


@dataclass(frozen=True, slots=True)
class Now:
    pass


@dataclass(frozen=True, slots=True)
class Later:
    instant: Instant
    why: str


@dataclass(frozen=True, slots=True)
class Never:
    why: str


Verdict: TypeAlias = Now | Later | Never


def permit(
    limits: Sequence[Limit],
    touches: Sequence[Touch],
    kind: str,
    at: Instant,
    add: AddTo,
    unanswered: int = 0,
) -> Verdict:
    """Whether a touch of `kind` at `at` is allowed after `touches` (of this contact, oldest first, before or at `at`).

    `unanswered` counts the touches since the last reply. Later gives the first instant that all limits allow together.
    """
    verdict: Verdict = Now()
    for limit in limits:
        if limit.kind is not None and limit.kind != kind:
            continue
        counted = [touch.at for touch in touches if limit.kind is None or touch.kind == limit.kind]
        asked = _one(limit, counted, at, add, unanswered)
        if isinstance(asked, Never):
            return asked
        if isinstance(asked, Later) and (not isinstance(verdict, Later) or asked.instant > verdict.instant):
            verdict = asked
    return verdict


def _one(limit: Limit, counted: list[Instant], at: Instant, add: AddTo, unanswered: int) -> Verdict:
    if limit.unanswered is not None and unanswered >= limit.unanswered:
        return Never(f"{unanswered} touches without an answer")
    free = at
    why = ""
    if limit.gap is not None and counted:
        gap = _duration(limit.gap)
        free, why = max((at, ""), (add(counted[-1], gap), f"at least {gap} between two touches"))
    if limit.touches is not None and limit.per is not None and len(counted) >= limit.touches:
        per = _duration(limit.per)
        # the touch that must have left the window for one more to fit in
        leaves = add(counted[-limit.touches], per)
        free, why = max((free, why), (leaves, f"at most {limit.touches} touches per {per}"))
    return Later(free, why) if free > at else Now()


def _duration(value: object) -> Duration:
    content = getattr(value, "content", value)
    if not isinstance(content, Duration):
        raise TypeError(f"a limit needs a plain duration, not {value!r}")
    return content
