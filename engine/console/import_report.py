"""What an import did, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.console.reading import Rejects, people_of
from engine.console.status_words import unlisted_lines
from engine.console.tables import clean
from engine.core.likeness import nearest
from engine.core.plural import count
from engine.core.roster import Roster
from engine.crm.findings import Summary, Unlisted
from engine.runner.importing import ImportResult
from engine.runner.sides import SideCounts

SHOWN = 5  # examples and names in the text; JSON has all that were kept


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldSide:
    """A file of accounts or contacts: its rows = taken + unchanged + passed over + rejected."""

    kind: str
    summary: Summary
    counts: SideCounts
    rejects: Rejects
    findings: Sequence[Mapping[str, Any]]

    @property
    def rejected(self) -> int:
        return self.summary.rejected

    @property
    def rows(self) -> dict[str, int]:
        """In the words of the report."""
        return {
            "taken": self.counts.taken,
            "unchanged": self.counts.unchanged + self.summary.duplicates,
            "passed over": self.counts.passed_over,
            "rejected": self.rejected,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Everything that the report draws on. `kept`: the import was committed."""

    outcome: ImportResult
    summary: Summary
    rejects: Rejects
    source: str
    sides: Sequence[ToldSide]
    roster: Roster
    kept: bool
    dry_run: bool
    words_of: Mapping[str, Sequence[str]] = field(default_factory=dict)  # status -> its words in the mapping
    preset: str = ""  # where no file of the user's says how to read
    roles: Sequence[str] = ()  # of contacts, which playbooks look for

    @property
    def closed_words(self) -> list[Unlisted]:
        """Words of the status column that sound lost or won, and were taken for something else."""
        return [one for one in self.summary.unlisted if one.looks]

    @property
    def rejected(self) -> int:
        """Rows of all files."""
        return self.outcome.rejected + sum(side.rejected for side in self.sides)


def as_json(told: Told) -> dict[str, Any]:
    """The whole report as plain data; counts are rows."""
    outcome, summary = told.outcome, told.summary
    return {
        "file": summary.file, "source": told.source, "kept": told.kept, "dry_run": told.dry_run,
        "encoding": summary.dialect.encoding, "delimiter": summary.dialect.delimiter, "rows": outcome.rows,
        "accepted": outcome.accepted, "new": outcome.new, "changed": outcome.changed, "unchanged": outcome.unchanged,
        "rejected": outcome.rejected, "left_out": summary.left_out, "waiting": outcome.waiting,
        "status": summary.status,
        "status_words": [{"word": one.word, "status": one.status, "rows": one.rows, "looks": one.looks or None}
                         for one in summary.unlisted],
        "lost_by_team": dict(outcome.lost_by_team), "events": dict(outcome.statuses),
        "unmatched": [
            {"file": one.file, "key": one.key, "rows": one.rows, "lost": one.lost, "did_you_mean": one.suggestion}
            for one in summary.unmatched
        ],
        "unknown": [
            {"what": what, "name": name, "rows": rows, "lost": lost, "did_you_mean": meant}
            for what, name, rows, lost, meant in _unknown(told)
        ],
        "findings": list(outcome.findings), "vanished": {"count": outcome.vanished_count, "first": outcome.vanished},
        "sides": [{"kind": side.kind, "file": side.summary.file, **side.rows, "findings": list(side.findings)}
                  for side in told.sides],
        "unmapped_columns": list(summary.unmapped),
        "rejects": str(told.rejects.path) if told.rejects.count and told.rejects.written else None,
        "rejected_lost": summary.rejected_lost, "date_formats": dict(summary.settled),
        "matched": [{"field": target, "name": name, "person": person}
                    for target, names in summary.matched.items() for name, person in names.items()],
    }  # fmt: skip


def as_text(told: Told) -> str:
    """The report as lines; nothing in it can move a terminal's cursor."""
    first = (_counts, _statuses, _status_words, _settled, _matched, _unmatched, _unknown_names, _roles)
    parts = (*first, _findings, _vanished, _unmapped, _sides, _rejected, _next)
    return "\n".join(clean(line) for part in parts for line in part(told))


def _counts(told: Told) -> Iterator[str]:
    outcome, summary = told.outcome, told.summary
    yield f"{summary.file} ({summary.dialect}), source {told.source}"
    detail = f" ({outcome.new:,} new, {outcome.changed:,} changed)" if outcome.accepted else ""
    yield (
        f"{count(outcome.rows, 'row')} = {outcome.accepted:,} accepted{detail}"
        f" + {outcome.unchanged:,} unchanged + {outcome.rejected:,} rejected"
    )
    others = [
        f"{count:,} {what}"
        for count, what in (
            (summary.left_out, "rows left out by keep"),
            (summary.duplicates, "of the unchanged stand in the file twice"),
            (outcome.waiting, "changes of deals that a playbook follows: they take effect in the next tick"),
        )
        if count
    ]
    yield from (f"  {line}" for line in others)


def _statuses(told: Told) -> Iterator[str]:
    counts = ", ".join(f"{count:,} {status}" for status, count in told.summary.status.items() if count)
    if counts:
        yield f"deals in the file: {counts}"
    teams = [(team or "no team", count) for team, count in told.outcome.lost_by_team.items()]
    if any(told.outcome.lost_by_team):
        yield f"lost by team: {_some(f'{team} {count:,}' for team, count in teams)}"
    if happened := told.outcome.statuses:
        yield f"since the last import: {', '.join(f'{count:,} {name}' for name, count in happened.items())}"


def _status_words(told: Told) -> Iterator[str]:
    yield from unlisted_lines(told.summary.unlisted, told.words_of, told.preset)


def _settled(told: Told) -> Iterator[str]:
    for heading, form in told.summary.settled:
        yield f"dates in “{heading}” are read as {form}: the only order that fits all of them"


def _matched(told: Told) -> Iterator[str]:
    for target, names in told.summary.matched.items():
        listed = _some((f"{name} is {person}" for name, person in names.items()), 3)
        by = "title" if target == "team" else "name or mail address"
        yield f"{count(len(names), target)} matched by {by} in roster.yaml: {listed}"


def _unmatched(told: Told) -> Iterator[str]:
    for number, one in enumerate(told.summary.unmatched):
        if number == SHOWN:
            yield f"  … and {len(told.summary.unmatched) - SHOWN} more keys"
            return
        meant = f"; did you mean {one.suggestion}? (alias: {{{one.key}: {one.suggestion}}})" if one.suggestion else ""
        yield f"not in {one.file}: {one.key} ({count(one.rows, 'row')}, {one.lost:,} of them lost){meant}"


def _unknown_names(told: Told) -> Iterator[str]:
    names = list(_unknown(told))
    for what, name, rows, lost, meant in names[:SHOWN]:
        hint = f"; did you mean {meant}?" if meant else ""
        yield f"{what} not in roster.yaml: {name} ({count(rows, 'row')}, {lost:,} of them lost){hint}"
    if len(names) > SHOWN:
        yield f"  … and {len(names) - SHOWN} more names"


def _unknown(told: Told) -> Iterator[tuple[str, str, int, int, str]]:
    """(owner or team, name, rows, lost rows, the id that was probably meant or "")."""
    roster = people_of(told.roster)
    people = {id_: id_ for id_ in told.roster.people}
    people |= {person.name: person.id for person in told.roster.people.values() if person.name}
    people |= {person.email: person.id for person in told.roster.people.values() if person.email}
    teams = {id_: id_ for id_ in told.roster.teams}
    teams |= {team.title: team.id for team in told.roster.teams.values() if team.title}
    for one in told.outcome.unknown_names:
        known = people if one.what == "owner" else teams
        if one.what == "owner" and roster.find(one.name):
            continue  # several people may be meant: that is a finding, with who they are
        meant = nearest(one.name, known)
        yield one.what, one.name, one.rows, one.lost, known[meant] if meant else ""


def _roles(told: Told) -> Iterator[str]:
    """Without a role an action finds the first contact only, and what a text says of `contact.ROLE` stays empty."""
    count = next((one["count"] for one in told.outcome.findings if one["kind"] == "role-missing"), 0)
    if count:
        yield (
            f"{count:,} lost deals have contacts without a role, and playbooks look for {_some(told.roles)}:"
            " they take the first contact, and texts that name a role stay empty"
        )
        yield "  map the column that says it to contact.role; or, if all contacts are alike, write under deals:"
        yield f"    constants: {{contact.role: {told.roles[0]}}}"


def _findings(told: Told) -> Iterator[str]:
    yield from finding_lines(told.outcome.findings)


def finding_lines(findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One for each kind, but for those that the report tells by name."""
    said_elsewhere = {
        "join-key-unmatched", "owner-unknown", "team-unknown", "no-lost-deals", "status-looks-lost", "status-looks-won",
        "role-missing",
    }  # fmt: skip
    for finding in findings:
        if finding["kind"] not in said_elsewhere:
            yield f"{finding['count']:,} {finding['meaning']}{_examples(finding)}"


def _examples(finding: Mapping[str, Any]) -> str:
    """Three of them, of different values where they differ."""
    shown: dict[tuple[str, str], str] = {}
    for one in finding["examples"]:
        shown.setdefault((one["column"], one["value"]) if one["value"] else ("", str(one["line"])), _example(one))
    listed = list(shown.values())[:3]
    more = " …" if finding["count"] > len(listed) else ""
    return f" ({'; '.join(listed)}{more})" if any(listed) else ""


def _example(one: Mapping[str, Any]) -> str:
    words = [f"line {one['line']}" if one["line"] else "", one["column"], f"“{one['value']}”" if one["value"] else ""]
    return " ".join(filter(None, [*words, one["reason"].rstrip(".")]))


def _vanished(told: Told) -> Iterator[str]:
    count = told.outcome.vanished_count
    if count:
        yield (
            f"{count:,} deals of earlier imports are not in this file (nothing was deleted;"
            f" --partial if the file is only a part): {_some(told.outcome.vanished, count=count)}"
        )


def _unmapped(told: Told) -> Iterator[str]:
    if told.summary.unmapped:
        yield f"columns without a field, kept under custom: {_some(told.summary.unmapped, 10)}"


def _sides(told: Told) -> Iterator[str]:
    for side in told.sides:
        counts = [f"{number:,} {what}" for what, number in side.rows.items() if number or what != "passed over"]
        rows = side.summary.rows - side.summary.left_out
        yield f"{side.summary.file}: {rows:,} {side.kind} = {' + '.join(counts)}"
        yield from (f"  {line}" for line in finding_lines(side.findings))


def _rejected(told: Told) -> Iterator[str]:
    for rejects in (told.rejects, *(side.rejects for side in told.sides)):
        yield from rejected_lines(rejects)


def rejected_lines(rejects: Rejects) -> Iterator[str]:
    """The first rejected rows of one file, and where all of them are."""
    for one in rejects.first:
        column = f", {one.column}" if one.column else ""
        value = f" “{one.value[:80]}”" if one.value else ""
        yield f"rejected: line {one.line}{column}:{value} {one.reason}"
    if rejects.count:
        would = "" if rejects.written else "would be written to "
        yield f"all {rejects.count:,} rejected rows{'' if would else ':'} {would}{rejects.path}"


def _next(told: Told) -> Iterator[str]:
    outcome = told.outcome
    if told.dry_run:
        yield "dry run, nothing was changed"
    elif not told.kept:
        yield "nothing was changed: --strict takes all rows or none"
    elif outcome.accepted:
        what = "the first tick would start" if outcome.first else "the next tick would do"
        yield f"next: playbook tick --dry-run shows what {what}"
    if not told.summary.lost:
        yield _why_none_is_lost(told)


def _why_none_is_lost(told: Told) -> str:
    summary, rejects = told.summary, told.rejects
    see = f"see {rejects.path}" if rejects.written else "see the reasons above"
    if not summary.rows:
        return "the file has no rows below its header: export it again"
    if summary.left_out == summary.rows:
        return "keep left out every row of the file: check the words under keep in the mapping"
    if summary.rejected_lost == 1:
        return f"the only lost row was rejected: {see}"
    if summary.rejected_lost:
        return f"all {summary.rejected_lost:,} lost rows were rejected: {see}"
    if not summary.accepted:
        return f"no row of the file could be taken: {see}"
    return "no lost deal is in this file: check the words under status > lost in the mapping"


def _some(items: Iterable[str], most: int = SHOWN, between: str = ", ", *, count: int | None = None) -> str:
    listed = list(items)
    more = (len(listed) if count is None else count) - most
    return between.join(listed[:most]) + (f" … and {more:,} more" if more > 0 else "")
