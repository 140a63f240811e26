"""Call sheets: what is due as a list, and one action with everything that its doer needs to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from engine.console.asking import question_lines, question_records
from engine.console.desk import Desk
from engine.console.tables import Column, cell_text, clean, clean_lines, cut, pad, width
from engine.core.account import Contact
from engine.core.durations import Instant
from engine.core.rendering import shown
from engine.core.zones import to_local, wall_text, zone, zoned_text
from engine.runner.answering import Asked
from engine.runner.listing import DUE_COLUMNS, RANK_COLUMNS, DueAction
from engine.runner.story import Sheet
from engine.store.base import ActionRow

HELD = "held back"  # of a text that breaks a content rule


def wall(desk: Desk, instant: Instant | None) -> str:
    """`2026-03-02 10:00 EST`, on the workspace's wall."""
    return "" if instant is None else zoned_text(instant, zone(desk.zone))


def deadline(desk: Desk, row: ActionRow) -> str:
    """On the wall of the person who does it; the end of a day is that day."""
    if row.deadline is None:
        return ""
    there = zone(zone_of(desk, row.assignee))
    wall = to_local(row.deadline, there)
    if wall.hour == wall.minute == 0:
        return str((wall - timedelta(minutes=1)).date())
    return wall_text(row.deadline, there)


def zone_of(desk: Desk, assignee: str) -> str:
    """A person's zone, else the team's, else the workspace's."""
    roster = desk.world.roster
    person = roster.people.get(assignee)
    team = roster.teams.get(person.team) if person else None
    return (person.zone if person else "") or (team.zone if team else "") or desk.zone


def record_of(desk: Desk, one: DueAction) -> dict[str, Any]:
    """Every field of an open action; `short` and `when` are for the text only."""
    row = one.row
    return {
        "id": row.id, "assignee": row.assignee, "due_at": desk.iso(row.due_at), "deadline": desk.iso(row.deadline),
        "overdue": one.overdue, "paused": one.paused, "priority": whole(row.priority),
        "kind": row.kind, "title": row.title, "deal": row.deal,
        "deal_name": row.deal_name, "account": row.account, "account_name": row.account_name, "contact": row.contact,
        "contact_name": name_of(one.contact), "playbook": row.playbook, "action": row.name, "track": row.track,
        "owner": row.owner,
        "team": desk.world.roster.team_of({"team": row.team, "owner": row.owner}), "remarks": list(row.remarks),
        "text": row.text, "held": row.held, "enrolment": row.enrolment, "short": one.short, "when": deadline(desk, row),
        "rank": one.points.total if one.points else None, "rank_because": points_in_words(one),
    }  # fmt: skip


def points_in_words(one: DueAction) -> list[str]:
    """`+30 it was worth more than 50,000`, for each line of the score that gave points."""
    return [clean(f"{points:+} {because}") for points, because in one.points.breakdown] if one.points else []


def whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


def name_of(contact: Contact | None) -> str:
    return contact.called if contact else ""


COLUMNS = (
    Column(title="id", show=lambda record: record["short"]),
    Column(title="points", show=lambda record: cell_text(record.get("rank")), right=True),
    Column(title="by", show=lambda record: record["when"]),
    Column(title="", show=lambda record: "paused" if record["paused"] else "overdue" if record["overdue"] else ""),
    Column(title="", show=lambda record: HELD if record["held"] else ""),
    Column(title="kind", show=lambda record: record["kind"]),
    Column(title="what", show=lambda record: record["title"], shrinks=True),
    Column(title="deal", show=lambda record: _deal(record), shrinks=True),
    Column(title="account", show=lambda record: record["account_name"], shrinks=True, spare=1),
    Column(title="contact", show=lambda record: record["contact_name"], shrinks=True),
    Column(title="playbook", show=lambda record: record["playbook"], shrinks=True, spare=3),
    Column(title="", show=lambda record: remarks_in_words(record["remarks"]), shrinks=True, spare=2),
)
_PEOPLE_FIRST = ("phone", "email", "postal_address", "job_title")  # what a person needs at once, in this order
_UNSAID = ("name", "first_name")  # the whole name stands there already


def remarks_in_words(remarks: Sequence[Any]) -> str:
    """`contact missing, reminder 2`: the last reminder says that there were others, and its rule is for `why`."""
    told: dict[str, str] = {}
    for remark in map(str, remarks):
        head, _, rule = remark.partition(": ")
        kind = head.rstrip(" 0123456789")
        told[kind] = head if rule and kind == "reminder" else remark
    return ", ".join(told.values())


def _deal(record: Any) -> str:
    name, number = record["deal_name"], record["deal"]
    return f"{number} {name}" if name and name != number else str(number)


# --- one action -----------------------------------------------------------------------------------------------------


def call_sheet(desk: Desk, one: DueAction, sheet: Sheet, available: int = 0, asked: Asked | None = None) -> str:
    """The whole sheet as text; `available` columns (0: any number) are used where lines are folded."""
    row, declared = one.row, sheet.declared
    facts = [
        ("deal", f"{row.deal} {row.deal_name}".strip()),
        ("account", row.account_name or row.account),
        ("for", row.assignee or "nobody"),
        ("by", deadline(desk, row) + ("  PAUSED: not now" if one.paused else "  OVERDUE" if one.overdue else "")),
        ("takes", f"{sheet.minutes} min" if sheet.minutes else ""),
        ("why", declared.purpose),
        ("remarks", remarks_in_words(row.remarks)),
        ("playbook", row.playbook),
        ("points", _points(one)),
    ]
    lines = [clean(f"{one.short}  {row.kind}: {row.title}")]
    lines += [f"  {pad(name, 9)} {clean(text)}" for name, text in facts if text]
    lines += _people(sheet, row.contact)
    if row.held:
        lines += ["", *_held(row)]
    if row.text:
        lines += ["", *(f"  | {line}".rstrip() for line in clean_lines(row.text).split("\n"))]
    for heading, items in (("Do", declared.do), ("Do not", declared.avoid), ("Check first", declared.checklist)):
        lines += _items(heading, items)
    lines += ["", *(f"  {line}" for line in question_lines(asked))] if asked is not None else []
    lines += ["", *_commands(one, sheet, asked)]
    return "\n".join(cut(line, available) if available and width(line) > 3 * available else line for line in lines)


def _held(row: ActionRow) -> Iterator[str]:
    """What is wrong with the text below, and that it is for a person to put right."""
    yield clean(f"  Do not send as it stands: {row.held}.")
    yield "  Put the words right before you send it; the rule can only be waived in the playbook."


def _points(one: DueAction) -> str:
    if one.points is None:
        return ""
    reasons = ", ".join(points_in_words(one))
    return f"{one.points.total}{f': {reasons}' if reasons else ''}"


def _people(sheet: Sheet, meant: str) -> Iterator[str]:
    """Every contact of the deal: of the one meant all that is known, one thing to a line, of the others the name."""
    for identity, role in sheet.contacts:
        contact = sheet.account.contacts.get(identity)
        known = {key: item for key, item in (contact.fields if contact else {}).items() if item not in (None, "")}
        mark = "contact" if identity == meant else "also" if meant else "people"
        yield clean(f"  {pad(mark, 9)} {known.get('name') or identity}{f', {role}' if role else ''}")
        if identity == meant:
            ordered = [*_PEOPLE_FIRST, *sorted(known.keys() - {*_PEOPLE_FIRST, *_UNSAID})]
            yield from (clean(f"  {pad('', 9)} {key}: {shown(known[key])}") for key in ordered if key in known)


def _items(heading: str, items: Sequence[str]) -> list[str]:
    return ["", f"  {heading}:", *(f"    - {clean(item)}" for item in items)] if items else []


def _commands(one: DueAction, sheet: Sheet, asked: Asked | None) -> Iterator[str]:
    """The exact commands that record how it went."""
    declared = sheet.declared
    checked = " --checked" if declared.checklist and (asked is None or asked.unchecked) else ""
    yield "  Record it:"
    if asked is not None:
        waiting = f"   (before {', '.join(declared.answers_for)})" if declared.answers_for and asked.missing else ""
        yield f"    playbook answer {one.short}{waiting}"
    for outcome in declared.outcomes:
        said = "" if len(declared.outcomes) == 1 else f" {outcome}"
        yield f"    playbook done {one.short}{said}{checked}"
    yield f"    playbook skip {one.short} 'why not'"
    yield f"    playbook defer {one.short} 2bd"


def sheet_record(desk: Desk, one: DueAction, sheet: Sheet, asked: Asked | None = None) -> dict[str, Any]:
    """The sheet as JSON: the fields of the list, and what the playbook says."""
    declared = sheet.declared
    fields = (*DUE_COLUMNS, *RANK_COLUMNS) if one.points else DUE_COLUMNS
    told = {name: item for name, item in record_of(desk, one).items() if name in fields}
    questions = {"questions": question_records(asked)} if asked is not None else {}
    people = [
        {"id": identity, "role": role, **(sheet.account.contacts[identity].fields)}
        for identity, role in sheet.contacts
        if identity in sheet.account.contacts
    ]
    return {
        **told, "purpose": declared.purpose, "minutes": sheet.minutes, "do": list(declared.do),
        "avoid": list(declared.avoid), "checklist": list(declared.checklist), "outcomes": list(declared.outcomes),
        "contacts": people, **questions,
    }  # fmt: skip
