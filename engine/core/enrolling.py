"""Which playbook takes a deal, and if none does: why not, and when to look again.

One loss is followed by one playbook with customer-facing actions, in the order of the workspace; playbooks with
internal actions only run beside. Nothing is back-dated: an enrolment is stamped with its tick.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core import dates
from engine.core.account import Account, Deal, PastEnrolment, is_suppressed
from engine.core.conditions import Clause, Condition, Count, Elapsed, holds, parts
from engine.core.enrolment import Enrolment, Instant, is_of
from engine.core.experiment import Draw
from engine.core.looking import Looking
from engine.core.model import LOSS_TAKEN_BACK, Order, Playbook
from engine.core.scores import Score, spans
from engine.core.values import resolve
from engine.core.view import View, duration_from
from engine.core.world import World
from engine.core.zones import last_of_day, local_date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one playbook (or experiment: `playbook` is then its name) says to one deal. `again_at`: when the answer may
    change by itself."""

    playbook: str
    takes: bool
    why: str
    again_at: Instant | None = None
    experiment: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A deal that a playbook would take now; `rank` is its place in the queue of that playbook."""

    account: str
    deal: str
    playbook: str
    number: int
    loss: str
    rank: tuple[Any, ...]
    team: str = ""  # whose parameters it gets, if the playbook has some for that team
    facing: bool = False  # the playbook approaches customers
    ordered: bool = False  # by a person
    experiment: str = ""  # what draws it; `playbook` is then settled by the draw, in the transaction of the enrolment
    home: str = ""  # the deal's team, in which it is drawn


def enrolment_id(account: str, deal: str, playbook: str, number: int) -> str:
    return hashlib.sha256(f"{account}|{deal}|{playbook}|{number}".encode()).hexdigest()[:12]


def examine(
    world: World, playbooks: Mapping[str, Playbook], account: Account, deal: Deal,
    past: Sequence[PastEnrolment], now: Instant, asked_for: str = "", told: frozenset[str] = frozenset(),
    draws: Sequence[Draw] = (),
) -> list[Verdict]:  # fmt: skip
    """What every playbook says to `deal`, in the order of the workspace.

    `asked_for` is a playbook that a person wants; `told` are names of events just recorded for the deal; `draws` are
    those of its account.
    """
    locked = lock(draws, deal, now)
    verdicts: list[Verdict] = []
    for name in _order(world, playbooks):
        playbook = playbooks[name]
        if locked is not None and asked_for != name and (playbook.customer_facing or name in locked.rivals):
            verdicts.append(Verdict(name, False, _locked(locked), locked.locked_until))
        else:
            verdicts.append(_ask(world, playbook, account, deal, past, now, asked_for == name, told))
    return verdicts


def lock(draws: Sequence[Draw], deal: Deal, now: Instant, but: str = "") -> Draw | None:
    """The draw that keeps other customer-facing playbooks away from `deal`; those of the experiment `but` left out."""
    held = [one for one in draws if one.concerns(deal.account, deal.id) and now < one.locked_until]
    return max((one for one in held if one.experiment != but), key=lambda one: one.locked_until, default=None)


def _locked(draw: Draw) -> str:
    return f"the experiment {draw.experiment} has drawn it (arm {draw.arm}); until its window is over nothing else may"


def take(verdicts: Iterable[Verdict], playbooks: Mapping[str, Playbook], asked_for: str = "") -> list[str]:
    """The playbooks that take the deal: the first customer-facing one, or that which a person asked for, and all
    internal ones."""
    chosen: list[str] = []
    facing = False
    for verdict in sorted(verdicts, key=lambda one: one.playbook != asked_for):
        if not verdict.takes:
            continue
        if playbooks[verdict.playbook].customer_facing:
            if facing:
                continue
            facing = True
        chosen.append(verdict.playbook)
    return chosen


def _order(world: World, playbooks: Mapping[str, Playbook]) -> list[str]:
    listed = [name for name in world.playbooks if name in playbooks]
    return listed + sorted(set(playbooks) - set(listed)) if not world.playbooks else listed


def _ask(
    world: World, playbook: Playbook, account: Account, deal: Deal,
    past: Sequence[PastEnrolment], now: Instant, by_person: bool, told: frozenset[str],
) -> Verdict:  # fmt: skip
    view = View(world, account, deal, playbook, now)
    why_not = _hindrance(playbook, view, past, by_person, told, now)
    if why_not is not None:
        return Verdict(playbook.name, False, *why_not)
    if by_person:
        return Verdict(playbook.name, True, "a person enrolled it")
    return _ask_condition(playbook, view)


def could_take(
    world: World, playbook: Playbook, account: Account, deal: Deal, past: Sequence[PastEnrolment], now: Instant
) -> Verdict:
    """What `playbook` says to the deal, whatever event, schedule or batch it waits for."""
    view = View(world, account, deal, playbook, now)
    why_not = _hindrance(playbook, view, past, False, None, now)
    return Verdict(playbook.name, False, *why_not) if why_not is not None else _ask_condition(playbook, view)


def _ask_condition(playbook: Playbook, view: View) -> Verdict:
    if playbook.enrol.condition is None:
        return Verdict(playbook.name, True, "it takes every deal")
    return ask_condition(playbook.name, playbook.enrol.condition, view, playbook.scores)


def ask_condition(name: str, condition: Condition, view: View, scores: Mapping[str, Score]) -> Verdict:
    asking = Looking(view, scores)
    if holds(condition, asking):
        return Verdict(name, True, "its enrol condition holds", None)
    return Verdict(name, False, "its enrol condition does not hold", _looks_again(condition, view, asking, view.at))


def _hindrance(
    playbook: Playbook, view: View, past: Sequence[PastEnrolment], by_person: bool, told: Collection[str] | None,
    now: Instant,
) -> tuple[str, Instant | None] | None:  # fmt: skip
    """Why `playbook` cannot take the deal whatever its condition says; None if nothing is in the way.

    `told`: the events just recorded; None if it is not to wait for one.
    """
    deal = view.deal
    if deal.excused and not by_person:
        return f"the loss is excused: {deal.excused}", None
    own = [enrolment for enrolment in past if enrolment.playbook == playbook.name]
    if any(not enrolment.end for enrolment in own):
        return "it runs already", None
    event = playbook.enrol.event
    if event is not None and told is not None and not by_person and not any(is_of(one, event) for one in told):
        return f"it waits for the event {event}", None
    if own and not by_person:
        refused = _again(playbook, view, own[-1], now)
        if refused is not None:
            return refused
    if playbook.customer_facing:
        return _customer_hindrance(playbook, view, past, by_person)
    return None


def _again(playbook: Playbook, view: View, last: PastEnrolment, now: Instant) -> tuple[str, Instant | None] | None:
    """`again`: that long after the last enrolment ended, and only for a newer loss."""
    same = str(view.deal.fields.get("lost_at") or "") <= last.loss
    if same and last.end in LOSS_TAKEN_BACK:
        return f"it followed this loss until the CRM said {last.end}; a person can begin it anew", None
    if playbook.enrol.again is None:
        return "it has followed this deal before (no `again`)", None
    if same:
        return "it has followed this loss before", None
    wait = resolve(playbook.enrol.again, lambda name: view.value(name, ""))
    free = view.after(str(wait), last.ended_at or last.enrolled_at, "")
    return (f"again only {wait} after its last enrolment ended", free) if now < free else None


def _customer_hindrance(
    playbook: Playbook, view: View, past: Sequence[PastEnrolment], by_person: bool
) -> tuple[str, Instant | None] | None:
    running = next((one for one in past if one.customer_facing and not one.end), None)
    if running is not None:
        return f"{running.playbook} follows this deal already", None
    if is_suppressed(view.refused("any", view.contact(""), view.at)):
        ends = (one.until for one in view.account.suppressions if one.until is not None and one.until > view.at)
        return "its first contact is suppressed", min(ends, default=None)
    loss = str(view.deal.fields.get("lost_at") or "")
    earlier = [one for one in past if one.customer_facing and one.loss == loss and one.playbook != playbook.name]
    if earlier and not by_person and playbook.enrol.event is None:
        last = max(earlier, key=lambda one: (one.ended_at or 0, one.id))
        if last.end not in playbook.enrol.follows.get(last.playbook, ()):
            return f"{last.playbook} has followed this loss ({last.end}); `follows` does not name that", None
    return None


# --- when to look again ---------------------------------------------------------------------------------------------


def _looks_again(condition: Condition, view: View, asking: Looking, now: Instant) -> Instant | None:
    """The first instant after `now` at which a part of `condition` that depends on time may answer otherwise."""
    instants: list[Instant] = []
    for part in _parts(condition, asking):
        if isinstance(part, Elapsed):
            instants.extend(_flips(part, view, asking))
        elif isinstance(part, Count) and part.within is not None:
            within = resolve(part.within, asking.value)
            instants.extend(view.leaves_window(part, str(within)) if within is not None else ())
        elif isinstance(part, Count) or part.name == "weekday" or part.name.startswith("last."):
            where = view.zone_of()
            instants.append(last_of_day(local_date(now, where), where))
    return min((instant for instant in instants if instant > now), default=None)


def _parts(condition: Condition | None, asking: Looking) -> Iterator[Clause | Elapsed | Count]:
    """Every single question in `condition`, those of the scores that it reads included."""
    for part in parts(condition):
        if not isinstance(part, Count) and part.name.startswith("score."):
            for line in asking.scores[part.name.partition(".")[2]].lines:
                yield from _parts(line.condition, asking)
                yield from spans(line.each) if line.each is not None else ()
        else:
            yield part


def _flips(part: Elapsed, view: View, asking: Looking) -> list[Instant]:
    fact, wanted = asking.value(part.name), resolve(part.operand, asking.value)
    if fact is None or wanted is None:
        return []
    return dates.flips(str(fact), duration_from(str(wanted)), view.zone_of(), view.calendar, part.direction)


# --- the queue of a playbook ----------------------------------------------------------------------------------------


def rank(order: Sequence[Order], deal: Deal, read: Any) -> tuple[Any, ...]:
    """The place of a deal in its playbook's queue: as `order` says, ties by loss date, then id."""
    keys = [_key(read(entry.name), entry.first) for entry in order]
    return (*keys, str(deal.fields.get("lost_at") or ""), deal.id)


def _key(found: Any, first: str) -> tuple[Any, ...]:
    if found is None:
        return (1,)
    if isinstance(found, (list, tuple)):
        found = found[0]
    if first in ("oldest", "lowest"):
        return (0, found) if not isinstance(found, str) else (0, *[ord(letter) for letter in found])
    return (0, -found) if not isinstance(found, str) else (0, *[-ord(letter) for letter in found])


def begin(candidate: Candidate, revision: str, now: Instant) -> Enrolment:
    """The enrolment of `candidate` in `revision`, not started yet."""
    identity = enrolment_id(candidate.account, candidate.deal, candidate.playbook, candidate.number)
    return Enrolment(
        identity, candidate.account, candidate.deal, candidate.playbook, revision, candidate.number, now
    )  # fmt: skip
