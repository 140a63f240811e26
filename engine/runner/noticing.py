"""What an import notices beyond what the file itself shows: counted by kind, with the first examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.core.roster import Roster
from engine.runner.incoming import Row

EXAMPLES = 20
NAMES = 1_000  # distinct unknown names that are remembered; all rows are counted
_MEANING = {
    "older-than-known": "rows that are older than what is known of their deal: what is known stays",
    "account-added": "deals that came without an account and have one now: they stay alone, with its values",
    "account-moved": "deals that have another account than before: their values were taken, the account stays",
    "account-contradicts": "rows that say something else of an account than a row before: the later one holds",
    "contact-elsewhere": "contacts that belong to another account already: not linked",
    "account-unknown": "rows about an account that is not there: passed over",
    "deal-unknown": "contacts of a deal that is not there: not linked",
    "contact-homeless": "contacts without an account and without a deal: passed over",
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

    def ask_roster(self, rows: Iterable[Row], roster: Roster) -> None:
        """Count owners and teams that the roster does not have; a roster that lists none is not asked."""
        asked = (("owner", roster.people), ("team", roster.teams))
        for row in rows:
            for what, known in asked:
                name = row.deal.get(what)
                if known and name is not None and name not in known:
                    self._count_unknown(what, str(name), row)

    def unknown_names(self) -> list[UnknownName]:
        """Owners and teams, the most frequent first."""
        return [
            UnknownName(what=what, name=name, rows=rows, lost=lost)
            for (what, name), (rows, lost) in sorted(self._unknown.items(), key=lambda item: (-item[1][0], item[0]))
        ]

    def _count_unknown(self, what: str, name: str, row: Row) -> None:
        self.note(f"{what}-unknown", row.line, name)
        key = (what, name)
        if key not in self._unknown and len(self._unknown) >= NAMES:
            key = (what, "(further names)")
        counts = self._unknown.setdefault(key, [0, 0])
        counts[0] += 1
        counts[1] += row.deal.get("status") == "lost"
