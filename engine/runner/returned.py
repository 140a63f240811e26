"""The list that comes back from reps or systems: each good row is recorded, each bad one told with its place.

Columns: event, or action with outcome; deal, contact, account; occurred_at, key, by, note, reason, checked,
`field.NAME` (or NAME alone) for the fields of the event and `answer.QUESTION` for answers to the questions of the
action. The same key twice changes nothing. The list of `playbook due --format csv` may come back with columns added.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.separated import Unreadable as Unreadable
from engine.core.separated import decoded, separated
from engine.runner.listing import DUE_COLUMNS, RANK_COLUMNS
from engine.runner.lookup import nearest
from engine.runner.payload import NotRecordable
from engine.runner.recording import Prepared, Recording, Said
from engine.store.base import ActionRow

COLUMNS = (
    "event", "action", "outcome", "deal", "contact", "account", "occurred_at", "key", "by", "note", "reason", "checked",
)  # fmt: skip
_REJECTED = "rejected_"  # columns that `rejects` puts in front; they are passed over when the list comes back
_YES = ("1", "yes", "true", "y", "x")
_FIELD, _ANSWER = "field.", "answer."  # what columns begin with whose rest is a name of the workspace


class WrittenTwice(Exception):
    """A key that stands twice in one object of JSON."""


def written_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON from its pairs. Raises WrittenTwice, as a file of YAML is refused for it."""
    found: dict[str, Any] = {}
    for key, item in pairs:
        if key in found:
            raise WrittenTwice(f"{key!r} is written twice")
        found[key] = item
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """`said` holds the cells that are not empty, without blanks around; `broken` says why a line cannot be read."""

    line: int
    said: Mapping[str, Any]
    broken: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    row: Row
    column: str
    reason: str


@dataclass(slots=True)
class Returned:
    """rows = recorded + known + rejected. `keyless` rows would be recorded again from the same file."""

    rows: int = 0
    recorded: int = 0
    known: int = 0
    keyless: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


# --- reading --------------------------------------------------------------------------------------------------------


def rows_of(content: bytes, *, lines_of_json: bool, fields: Collection[str] = ()) -> tuple[list[str], list[Row]]:
    """(columns, rows) of a CSV or JSON Lines file. Raises Unreadable.

    `fields` are those of declared events: their columns need no `field.` in front.
    """
    text = decoded(content)
    return _json_rows(text, fields) if lines_of_json else _csv_rows(text, fields)


def _csv_rows(text: str, fields: Collection[str]) -> tuple[list[str], list[Row]]:
    headings, rows = separated(text)
    came_out = set(DUE_COLUMNS) <= {name.strip().lower() for name in headings}
    columns = [_of_due_list(name, fields) if came_out else _heading(name, fields) for name in headings]
    _check_columns(columns)
    told = [_csv_row(line, columns, cells) for line, cells in rows]
    if not came_out:
        return columns, told
    news = [row for row in told if row.broken or row.said.keys() - {"action", "deal"}]
    return [name for name in columns if name], news


def _of_due_list(name: str, fields: Collection[str]) -> str:
    """`playbook due --format csv` with columns added: its own say nothing new, and rows without news are still due."""
    plain = name.strip().lower()
    kept = {"id": "action", "deal": "deal"}
    return kept.get(plain) or ("" if plain in (*DUE_COLUMNS, *RANK_COLUMNS) else _heading(name, fields))


def _heading(name: str, fields: Collection[str]) -> str:
    """Fields and questions keep their capitals; `at` is short for occurred_at, and a field's own name is enough."""
    if _named(name.lower()):
        return name
    plain = name.lower().replace(" ", "_")
    if plain == "at":
        return "occurred_at"
    return f"{_FIELD}{plain}" if plain in fields and plain not in COLUMNS else plain


def _named(column: str) -> bool:
    return column.startswith((_FIELD, _ANSWER)) and not column.endswith(".")


def _csv_row(line: int, columns: Sequence[str], cells: Sequence[str]) -> Row:
    pairs = zip(columns, cells, strict=False)
    said = {name: _plain(cell) for name, cell in pairs if name and cell.strip() and not name.startswith(_REJECTED)}
    broken = f"{len(cells)} cells, but the heading has {len(columns)}" if len(cells) > len(columns) else ""
    return Row(line=line, said=said, broken=broken)


def _plain(cell: str) -> str:
    """Without blanks around, and without the `'` that keeps a spreadsheet from reading a formula."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _check_columns(columns: Sequence[str]) -> None:
    if not columns:
        raise Unreadable("the file is empty", f"its first line names the columns: {', '.join(COLUMNS)}, field.NAME")
    for number, name in enumerate(columns):
        if name and name in columns[:number]:
            raise Unreadable(f"two columns are called {name!r}", "rename or remove one of them", 1)
        if name and (hint := _unknown(name)):
            raise Unreadable(f"unknown column {name!r}", hint, 1)
    if "event" not in columns and "action" not in columns:
        raise Unreadable("there is neither a column event nor a column action", "say what happened in `event`", 1)


def _unknown(name: str) -> str:
    """What to write instead of a column that nobody knows; "" if it is known."""
    if name in COLUMNS or name.startswith(_REJECTED) or _named(name):
        return ""
    listed = ", ".join(COLUMNS)
    return nearest(name, COLUMNS) or f"columns: {listed}, field.NAME for the fields of the event, answer.QUESTION"


def _json_rows(text: str, fields: Collection[str]) -> tuple[list[str], list[Row]]:
    rows = [_json_row(number, line, fields) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    columns = list(dict.fromkeys(name for row in rows for name in row.said))
    return columns, rows


def _json_row(number: int, line: str, fields: Collection[str]) -> Row:
    """`{"event": …, "deal": …, "fields": {…}}`, or flat with `field.NAME`; answers likewise."""
    try:
        content = json.loads(line, object_pairs_hook=written_once)
    except WrittenTwice as error:
        return Row(line=number, said={}, broken=f"{error}; keep one of the two")
    except (ValueError, RecursionError) as error:
        return Row(line=number, said={}, broken=f"not JSON: {getattr(error, 'msg', error)}")
    if not isinstance(content, dict):
        return Row(line=number, said={}, broken='a line is an object such as {"event": "reply", "deal": "D1"}')
    nested: dict[str, Any] = {}
    for key, start, example in (("fields", _FIELD, "channel"), ("answers", _ANSWER, "reason")):
        inside = content.pop(key, {})
        if not isinstance(inside, dict):
            return Row(line=number, said={}, broken=f'{key} is an object such as {{"{example}": "…"}}')
        nested |= {f"{start}{name}": item for name, item in inside.items()}
    said = {
        name: _listed(item) if name.startswith(_ANSWER) else _cell(item)
        for name, item in {**{_heading(key, fields): item for key, item in content.items()}, **nested}.items()
        if item not in (None, "")
    }
    unknown = next((f"unknown key {name!r}; {_unknown(name)}" for name in said if _unknown(name)), "")
    unfit = next((f"{name} is a list, an object, or no proper text" for name, item in said.items() if item is None), "")
    return Row(line=number, said=said, broken=unknown or unfit)


def _cell(item: Any) -> Any:
    """As text, which `payload` reads; None for what is no single value."""
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, str) and not item.isascii() and any("\ud800" <= letter <= "\udfff" for letter in item):
        return None
    return str(item).strip() if isinstance(item, (str, int, float)) else None


def _listed(item: Any) -> Any:
    """An answer may be a list, or name the main one of several: it is read by its question."""
    if not isinstance(item, (list, dict)):
        return _cell(item)
    return None if any("\ud800" <= letter <= "\udfff" for letter in json.dumps(item, ensure_ascii=False)) else item


# --- recording ------------------------------------------------------------------------------------------------------


def take_rows(recording: Recording, rows: Sequence[Row], *, dry_run: bool = False) -> Returned:
    """Record what can be recorded. Belongs into one transaction, so that a row meets what the one before it said."""
    done = Returned(rows=len(rows))
    prepared: list[Prepared] = []
    known = recording.store.known_keys([key for row in rows if (key := _key(row))])
    for row in rows:
        key = _key(row)
        if key and key in known:
            done.known += 1
            continue
        answered = dict(recording.answered)
        try:
            told = _prepare(recording, row, key)
        except NotRecordable as error:
            recording.answered = answered
            reason = f"{error.message}; {error.hint}" if error.hint else error.message
            done.rejected.append(Rejected(row=row, column=error.column, reason=" ".join(reason.split())))
            continue
        known.add(key)
        done.keyless += not key
        done.notices += [f"line {row.line}: {notice}" for one in told for notice in one.notices]
        done.recorded += 1
        prepared += told
    if not dry_run:
        recording.record(prepared)
    return done


def _key(row: Row) -> str:
    """Its own; else, where it says when it happened, what the row says: the same file again changes nothing."""
    if "key" in row.said:
        return str(row.said["key"])
    if row.broken or "occurred_at" not in row.said:
        return ""
    content = json.dumps(sorted(row.said.items()), ensure_ascii=True)
    return "row " + hashlib.sha256(content.encode()).hexdigest()[:32]


def _prepare(recording: Recording, row: Row, key: str) -> list[Prepared]:
    """What one row says: answers, an outcome or an event, or answers and the outcome that goes with them."""
    if row.broken:
        raise NotRecordable(row.broken)
    said = row.said
    beside = Said(
        occurred_at=recording.occurred(said["occurred_at"]) if "occurred_at" in said else None,
        key=key or None, note=said.get("note", ""), checked=str(said.get("checked", "")).lower() in _YES,
    )  # fmt: skip
    answers = {column[len(_ANSWER) :]: item for column, item in said.items() if column.startswith(_ANSWER)}
    if answers:
        prepared = _with_answers(recording, said, answers, beside)
    elif "action" in said:
        prepared = [_by_action(recording, said, beside)]
    else:
        prepared = [_by_event(recording, said, beside)]
    by = said.get("by")
    return [replace(one, event=replace(one.event, by=by)) for one in prepared] if by else prepared


def _with_answers(
    recording: Recording, said: Mapping[str, Any], answers: Mapping[str, Any], beside: Said
) -> list[Prepared]:
    """Without an outcome, only the answers are recorded: they may come long after the action."""
    if "action" not in said:
        raise NotRecordable("answers belong to an action", "write its id in the column `action`", "action")
    row = recording.action(said["action"])
    _of_deal(recording, said, row)
    outcome = said.get("outcome", "") or str(said.get("event", "")).partition(".")[2]
    if not outcome:
        return [recording.answers(row, answers, beside)]
    prepared = recording.answers(row, answers, replace(beside, note=""), outcome=outcome)
    key = f"{beside.key} {outcome}" if beside.key else None
    return [prepared, _by_action(recording, said, replace(beside, key=key))]


def _by_action(recording: Recording, said: Mapping[str, Any], beside: Said) -> Prepared:
    row = recording.action(said["action"])
    _whole_id("action", said["action"], row.id)
    outcome = said.get("outcome", "")
    if event := said.get("event", ""):
        head, _, named = event.partition(".")
        if head != row.name or outcome not in ("", named):
            raise NotRecordable(f"{event} is not an outcome of {row.name}", "leave `event` or `action` empty", "event")
        outcome = named
    _of_deal(recording, said, row)
    if outcome == "skipped":
        return recording.skip(row, said.get("reason") or beside.note, beside)
    return recording.outcome(row, outcome, beside)


def _of_deal(recording: Recording, said: Mapping[str, Any], row: ActionRow) -> None:
    if "deal" in said and recording.deal(said["deal"]).deal.id != row.deal:
        raise NotRecordable(f"{row.id} is an action of the deal {row.deal}", "", "deal")


def _by_event(recording: Recording, said: Mapping[str, Any], beside: Said) -> Prepared:
    name = said.get("event", "")
    if not name:
        raise NotRecordable("the row says neither event nor action", "", "event")
    if outcome := said.get("outcome"):
        name = f"{name}.{outcome}"
    fields = {column[len(_FIELD) :]: item for column, item in said.items() if column.startswith(_FIELD)}
    prepared = recording.event(
        name, replace(beside, note=beside.note or said.get("reason", "")), deal=said.get("deal", ""),
        contact=said.get("contact", ""), account=said.get("account", ""), fields=fields,
    )  # fmt: skip
    for column in ("deal", "contact", "account"):
        _whole_id(column, said.get(column), getattr(prepared.event, column))
    return prepared


def _whole_id(column: str, said: Any, found: str) -> None:
    """In a list an id stands as a whole: the beginning of one may be another that is missing here."""
    if said is not None and said != found:
        raise NotRecordable(f"no {column} has the id {said!r}", f"did you mean {found}?", column)


def rejects(columns: Sequence[str], rejected: Sequence[Rejected]) -> Iterator[list[str]]:
    """The rows of FILE.rejects.csv: line, column and reason, then the row as it came, to be corrected."""
    kept = [name for name in columns if name and not name.startswith(_REJECTED)]
    yield [*(f"{_REJECTED}{what}" for what in ("line", "column", "because")), *kept]
    for one in rejected:
        cells = [str(one.row.said.get(name, "")) for name in kept]
        yield [str(one.row.line), one.column, one.reason, *cells]
