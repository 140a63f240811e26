"""What was noticed while a file was read: counted by kind, with the first examples; and the closing summary."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.crm.dialect import Dialect
from engine.crm.mapping import STATUSES
from engine.crm.stages import sounds_like

EXAMPLES = 20
WORDS = 1_000  # distinct unlisted status words that are remembered; all rows are counted
_MEANING = {
    "lost-date-missing": "lost deals without a date of the loss: no playbook can count days for them",
    "lost-date-future": "deals lost on a day that is still to come",
    "won-date-missing": "won deals without a date of the win: reports on time and win-backs leave them out",
    "lost-before-created": "deals lost before they were created",
    "status-looks-lost": "deals whose status sounds lost and is in no list of the mapping: no playbook follows them",
    "status-looks-won": "deals whose status sounds won and is in no list of the mapping",
    "no-lost-deals": "the file has no lost deal: check the words under status > lost",
    "account-missing": "deals without an account",
    "owner-missing": "deals without an owner",
    "name-missing": "deals without a name: account and product were taken",
    "reason-on-won": "won deals with a loss reason",
    "several-accounts": "deals of several accounts: the first was taken",
    "join-key-unmatched": "rows whose key is not in the side file",
    "join-key-twice": "keys that are twice in the side file with different values: the first was taken",
    "side-row-unreadable": "rows of a side file that are no rows: passed over",
    "person-ambiguous": "names that more than one person in roster.yaml may mean: kept as written, write the id",
    "team-ambiguous": "names that more than one team in roster.yaml may mean: kept as written, write the id",
    "choice-unknown": "values that the field does not declare: dropped",
    "zone-unknown": "unknown time zones: dropped, so the default holds",
    "number-unreadable": "numbers that cannot be read: dropped",
    "yes-no-unreadable": "values that are neither yes nor no: dropped",
    "duration-unreadable": "durations that cannot be read: dropped",
    "currency-unknown": "currencies that are no three-letter code: dropped",
    "currency-missing": "amounts without a currency: dropped",
    "amount-negative": "amounts below zero",
    "amount-rounded": "amounts with more digits than the currency has: rounded",
    "do-not-unclear": "cells about whom not to contact, neither yes nor no: taken as yes; list the words under values",
    "contact-id-unmapped": "contacts without an id of the CRM, known by mail address, else by name:"
    " map contact.id to the column that has it, or add it to the export",
    "team-unmapped": "deals in a file with no team column: a deal's team is its owner's (roster)",
    "contact-unreadable": "contacts without id, mail address and name: left out",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One place. `line` counts from 1 in the export (in the side file for join-key-twice); `column` may be empty."""

    line: int
    column: str
    value: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """All rows of one kind; at most 20 examples."""

    kind: str
    meaning: str
    count: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unmatched:
    """One key that a side file does not have: in how many rows, how many of them lost; `suggestion` may be empty."""

    file: str
    key: str
    rows: int
    lost: int
    suggestion: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlisted:
    """A word of the status column that the mapping does not list, and what `*` took it for, in how many rows.

    `looks` is lost or won where it sounds like that and was taken for something else, else empty.
    """

    word: str
    status: str
    rows: int
    looks: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """The account of one file: rows = accepted + duplicates + rejected + left_out.

    `columns` pairs each heading that was used with its targets; `unmapped` are those kept under custom.
    `rejected_lost` of the rejected rows are lost deals as far as their state tells; `matched` has, by target, the
    person that each name means; `settled` pairs the heading of a date column with the format that its values settled.
    """

    file: str
    dialect: Dialect
    columns: tuple[tuple[str, tuple[str, ...]], ...]
    unmapped: tuple[str, ...]
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    left_out: int
    footer_lines: int
    blank_lines: int
    status: dict[str, int]
    rejected_lost: int
    matched: dict[str, dict[str, str]]
    settled: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    unmatched: tuple[Unmatched, ...]
    unlisted: tuple[Unlisted, ...]

    @property
    def lost(self) -> int:
        """Accepted rows that are lost deals."""
        return self.status.get("lost", 0)


@dataclass(kw_only=True, slots=True)
class Tally:
    """Counts while a file is read."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejected_lost: int = 0
    left_out: int = 0
    footer_lines: int = 0
    blank_lines: int = 0
    status: Counter[str] = field(default_factory=Counter)
    unlisted: Counter[tuple[str, str]] = field(default_factory=Counter)  # (word of the status column, status)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def note(self, kind: str, line: int, column: str = "", value: str = "", reason: str = "") -> None:
        """Count one finding and keep it as an example while there is room."""
        self.counts[kind] += 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            kept.append(Example(line=line, column=column, value=value[:200], reason=reason))

    def findings(self) -> tuple[Finding, ...]:
        """The most frequent first."""
        return tuple(
            Finding(
                kind=kind, meaning=_MEANING.get(kind, kind), count=count, examples=tuple(self.examples.get(kind, ()))
            )
            for kind, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        )

    def count_unlisted(self, line: int, word: str, status: str) -> None:
        """Count a status word that the mapping does not list; one that sounds closed is a finding too."""
        if (word, status) not in self.unlisted and len(self.unlisted) >= WORDS:
            word = "(further words)"
        self.unlisted[word, status] += 1
        if looks := sounds_like(word, status):
            self.note(f"status-looks-{looks}", line, "", word, f"taken as {status}")

    def listed_unlisted(self) -> tuple[Unlisted, ...]:
        """Those that sound closed first, then the most frequent."""
        listed = [
            Unlisted(word=word, status=status, rows=rows, looks=sounds_like(word, status))
            for (word, status), rows in self.unlisted.items()
        ]
        return tuple(sorted(listed, key=lambda one: (not one.looks, one.looks, -one.rows, one.word)))

    def by_status(self) -> dict[str, int]:
        """Accepted rows for each status, also those with none."""
        return {status: self.status[status] for status in STATUSES}
