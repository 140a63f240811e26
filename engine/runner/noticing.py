"""What an import notices beyond what the file itself shows: counted by kind, with the first examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.core.roster import Roster
from engine.runner.incoming import Rows

EXAMPLES = 20
NAMES = 1_000  # distinct unknown names that are remembered; all rows are counted
_MEANING = {
    "older-than-known": "rows that are older than what is known of their deal: what is known stays",
    "account-added": "deals that a playbook followed without an account, and that have one now: they stay alone",
    "account-moved": "deals that have another account than before: their values were taken, the account stays",
    "account-changed": "deals that no playbook has followed yet and that went over to another account",
    "account-contradicts": "rows that say something else of an account than a row before: the later one holds",
    "contact-elsewhere": "contacts that belong to another account already: not linked, or as a copy that"
    " nobody contacts where they have said no",
    "contact-kept": "contacts whose mail address is new or another one: they keep the id under which they stand",
    "contact-has-id": "contacts that have an id of the CRM now: what they agreed to and refused holds for it too",
    "contact-unclear": "contacts that may be somebody who said no: the no holds for them too, `playbook suppress ID"
    " --lift` and `playbook consent ID` take it back",
    "reopened-many": "lost deals are open again in this file: if it is an older export, import the newest one before"
    " the next tick, which puts them back",
    "do-not-contact": "contacts whom nobody is to contact, the CRM says so: suppressed from the next tick on",
    "do-not-over": "contacts whom the CRM lets be contacted again: they stay suppressed, because another row or file"
    " may still say no; `playbook suppress ID --lift --because REASON` takes it back",
    "do-not-meant": "contacts whom nobody is to contact, as far as it shows: the row names another account, and"
    " none of the deal's contacts by an id that is here",
    "do-not-stays": "contacts whom the CRM lets be contacted again, and a person does not: they stay suppressed",
    "account-unknown": "rows about an account that is not there: passed over",
    "deal-unknown": "contacts of a deal that is not there: not linked",
    "contact-homeless": "contacts without an account and without a deal: passed over",
    "activity-ahead": "activities that have not happened yet: passed over, they come with a later export",
    "whose-unknown": "activities of a deal, contact or account that is not there: passed over",
    "contact-not-found": "activities whose contact is not there: taken for the deal or account alone",
    "contact-of-another": "activities whose contact belongs to another account: taken for the deal or account alone",
    "contact-ambiguous": "activities whose mail address several contacts have: taken without a contact",
    "minutes-odd": "minutes below zero: left out",
    "who-unknown": "activities of somebody who is not in roster.yaml: kept as written",
    "role-missing": "lost deals whose contacts have no role, which playbooks look for: write it in the mapping",
    "role-unnamed": "contacts of lost deals in a role that no playbook looks for",
    "owner-unknown": "rows whose owner is not in roster.yaml",
    "team-unknown": "rows whose team is not in roster.yaml",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownName:
    """A person or team that the roster does not have: in how many rows, how many of them lost."""

    what: str  # owner | team
    name: str
    rows: int
    lost: int


@dataclass(slots=True)
class Notices:
    """Findings of one import. `listed` gives them as plain data, the most frequent first."""

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _unknown: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def note(self, kind: str, line: int, value: str, reason: str = "") -> None:
        """Count one and keep it while there is room. `line` 0: no line of the file."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            kept.append({"line": line, "column": "", "value": value, "reason": reason})

    def listed(self) -> list[dict[str, Any]]:
        """kind, meaning, count and examples of each."""
        return [
            {"kind": kind, "meaning": _MEANING[kind], "count": count, "examples": self.examples[kind]}
            for kind, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        ]

    def ask_roster(self, rows: Rows, roster: Roster) -> None:
        """Count owners and teams that the roster does not have; a roster that lists none is not asked."""
        asked: tuple[tuple[str, Collection[str]], ...] = (("owner", roster.people), ("team", roster.teams))
        for what, known in asked:
            names = rows.column(what) if known else ()
            unknown = set(names).difference(known, (None,))
            if unknown:
                self._note_unknown(what, names, unknown, rows.lines)
                for (name, status), count in Counter(zip(names, rows.column("status"), strict=True)).items():
                    if name in unknown:
                        self._count_unknown(what, name, count, lost=status == "lost")

    def ask_roles(self, rows: Rows, roles: Collection[str]) -> None:
        """Count lost deals whose contacts have no role, or none of `roles`, which playbooks look for."""
        for line, deal, status, people in zip(
            rows.lines, rows.ids, rows.column("status"), rows.contacts, strict=True
        ):  # fmt: skip
            if status != "lost" or not people:
                continue
            held = [str(one["role"]) for one in people if one.get("role")]
            if not held:
                self.note("role-missing", line, str(deal))
            elif not set(held) & set(roles):
                self.note("role-unnamed", line, held[0])

    def unknown_names(self) -> list[UnknownName]:
        """Owners and teams, the most frequent first."""
        return [
            UnknownName(what=what, name=name, rows=rows, lost=lost)
            for (what, name), (rows, lost) in sorted(self._unknown.items(), key=lambda item: (-item[1][0], item[0]))
        ]

    def _note_unknown(self, what: str, names: Sequence[str], unknown: set[str], lines: Sequence[int]) -> None:
        """The first few become examples; the others are only counted, by name."""
        kind = f"{what}-unknown"
        room = EXAMPLES - len(self.examples.get(kind, ()))
        places = (place for place, name in enumerate(names) if name in unknown)
        for place in islice(places, room):
            self.note(kind, lines[place], names[place])
            self.counts[kind] -= 1  # counted with all of its name

    def _count_unknown(self, what: str, name: str, rows: int, lost: bool) -> None:
        kind = f"{what}-unknown"
        self.counts[kind] = self.counts.get(kind, 0) + rows
        key = (what, name)
        if key not in self._unknown and len(self._unknown) >= NAMES:
            key = (what, "(further names)")
        counts = self._unknown.setdefault(key, [0, 0])
        counts[0] += rows
        counts[1] += rows * lost
