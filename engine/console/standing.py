"""How things stand, for `playbook status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.console.desk import Desk
from engine.console.drawn import state_of
from engine.console.tables import clean
from engine.core.plural import count
from engine.runner.listing import Status


def standing_text(desk: Desk, found: Status, problems: int) -> str:
    """One line per kind of thing; what needs somebody comes last."""
    lines = [
        *_deals(found),
        *_enrolments(found),
        *_experiments(desk, found),
        *_people(desk, found),
        *_waiting(found),
        *_ticks(desk, found),
    ]
    lines += _trouble(found, problems)
    return "\n".join(clean(line) for line in lines)


def _deals(found: Status) -> Iterator[str]:
    if not found.counts.deals:
        yield "There are no deals yet: playbook import FILE.csv"
        return
    yield "Deals: " + ", ".join(f"{number:,} {name}" for name, number in found.counts.deals.items())
    number, waiting = found.not_followed
    if number:
        rest = f" ({waiting:,} to be looked at again)" if waiting else ""
        yield f"Lost and not followed: {number:,}{rest}: playbook deals --not-followed"


def _enrolments(found: Status) -> Iterator[str]:
    for playbook, number in found.counts.enrolments.items():
        yield f"{playbook}: {number:,} open"
        for (owner, track, state), many in found.counts.states.items():
            if owner == playbook:
                yield f"  {state}{f' ({track})' if track != 'main' else ''}: {many:,}"
    ended: dict[str, list[str]] = {}
    for (playbook, end), number in found.counts.ends.items():
        ended.setdefault(playbook, []).append(f"{number:,} {end}")
    for playbook, ends in ended.items():
        yield f"{playbook} ended: {', '.join(ends)}"


def _experiments(desk: Desk, found: Status) -> Iterator[str]:
    for name, ordered in desk.experiments.items():
        units = found.drawn.get(name, 0)
        yield f"Experiment {name}: {state_of(desk, ordered)}, {units:,} drawn: playbook compare {name}"


def _people(desk: Desk, found: Status) -> Iterator[str]:
    for person, (number, overdue) in found.people.items():
        strange = " (not in library/roster.yaml: `playbook reassign`)" if desk.world.roster.strange(person) else ""
        yield f"{person or 'nobody'}: {number:,} due" + (f", {overdue:,} overdue" if overdue else "") + strange


def _waiting(found: Status) -> Iterator[str]:
    counts = found.counts
    if counts.pending_events:
        yield f"Recorded, for the next tick: {counts.pending_events:,}"
    if counts.late_events:
        yield f"Recorded, and kept though no playbook was waiting for it: {counts.late_events:,}"


def _ticks(desk: Desk, found: Status) -> Iterator[str]:
    last = found.last_tick
    if last is None:
        yield "No tick has run yet: put `playbook tick` into cron"
        return
    state = "" if last.finished_at is not None else ", not finished: it was stopped, or runs now"
    yield f"Last tick: {desk.local(last.now)}{state}"
    if found.next_due is not None:
        yield f"Next thing due: {desk.local(found.next_due)}"
    for earlier, later in found.gaps:
        yield (f"No tick between {desk.local(earlier)} and {desk.local(later)}: longer than late_grace "
               f"({desk.world.late_grace // 3600}h), so plans were moved; run it more often")  # fmt: skip


def _trouble(found: Status, problems: int) -> Iterator[str]:
    for one in found.set_aside:
        state = "set aside" if one.waits else f"failed {one.failures} times"
        yield f"{state}: {one.account}{f' ({one.name})' if one.name else ''}: {one.error}"
    if any(one.waits for one in found.set_aside):
        yield "  when the cause is gone: playbook retry ACCOUNT, or playbook retry --all"
    if problems:
        yield f"The workspace has {count(problems, 'problem')}: playbook validate"


def standing_record(desk: Desk, found: Status, problems: int) -> dict[str, Any]:
    """The same as JSON."""
    counts, last = found.counts, found.last_tick
    return {
        "now": desk.iso(found.now), "deals": dict(counts.deals),
        "not_followed": found.not_followed[0], "not_followed_examined_again": found.not_followed[1],
        "states": [
            {"playbook": playbook, "track": track, "state": state, "open": number}
            for (playbook, track, state), number in counts.states.items()
        ],
        "ends": [{"playbook": playbook, "end": end, "number": n} for (playbook, end), n in counts.ends.items()],
        "experiments": [
            {"experiment": name, "state": state_of(desk, ordered), "units": found.drawn.get(name, 0)}
            for name, ordered in desk.experiments.items()
        ],
        "people": {person: {"due": number, "overdue": overdue} for person, (number, overdue) in found.people.items()},
        "pending_events": counts.pending_events, "late_events": counts.late_events,
        "set_aside": [
            {"account": one.account, "name": one.name, "error": one.error, "failures": one.failures, "waits": one.waits}
            for one in found.set_aside
        ],
        "last_tick": desk.iso(last.now) if last else None,
        "last_tick_finished": last is not None and last.finished_at is not None,
        "gaps": [[desk.iso(earlier), desk.iso(later)] for earlier, later in found.gaps],
        "next_due": desk.iso(found.next_due), "problems": problems,
    }  # fmt: skip
