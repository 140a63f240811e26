"""Preferred approach: how customers like to gather information and be approached, by segment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Contact, Deal
from engine.core.conditions import UNKNOWN
from engine.reports.model import Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, text_of
from engine.reports.wording import nothing, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

QUESTION = "preferred_approach"  # the contact's field, or the question of a questionnaire


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    taken: int = 0
    people: int = 0
    segments: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # segment, its value, approach


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, "contacts"):
        asked: dict[str, tuple[str, Deal]] = {}  # contact -> (what they prefer, the deal)
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            if scope.takes_loss(deal):
                tally.taken += 1
                asked |= {contact: (told, deal) for contact, told in _told_by(found, deal, asked)}
        for told, deal in asked.values():
            tally.people += 1
            tally.segments[("industry", text_of(found.account.fields.get("industry")), told)] += 1
            tally.segments[("source", text_of(deal.fields.get("source")), told)] += 1
    return _told(tally)


def _told_by(found: Dossier, deal: Deal, asked: dict[str, tuple[str, Deal]]) -> list[tuple[str, str]]:
    """(contact, preferred approach or "") of the deal's contacts, each once; an answer for the deal is its first's."""
    answered = next((text for text in _answers(deal)), "")
    found_out: list[tuple[str, str]] = []
    for at, (identity, _) in enumerate(deal.contacts):
        contact = found.account.contacts.get(identity)
        told = _preferred(contact) or (answered if at == 0 else "")
        if told or identity not in asked:
            found_out.append((identity, told))
    return found_out


def _preferred(contact: Contact | None) -> str:
    return _plain(contact.fields.get(QUESTION)) if contact else ""


def _answers(deal: Deal) -> list[str]:
    told = (_plain(answers.get(QUESTION)) for answers in deal.answers.values())
    return [text for text in told if text]


def _plain(told: object) -> str:
    """Free text, so that what differs in case and blanks only is one approach."""
    text = " ".join(text_of(told).split()).casefold()
    return "" if text == UNKNOWN else text


def _told(tally: _Tally) -> Report:
    name, title = "approach", "Preferred approach by segment"
    known: Counter[str] = Counter()
    for (segment, _, told), times in tally.segments.items():
        if segment == "source" and told:
            known[told] += times
    share = Share(part=known.total(), whole=tally.people)
    facts = {"contacts": tally.people, "with_approach": share.part, "approaches": len(known)}
    if not share.part:
        told = "No contact of a lost deal has told their preferred approach yet."
        told = told if tally.taken else nothing(tally.losses)
        return Report(name=name, title=title, verdict=told, facts=facts)
    most, times = min(known.items(), key=lambda one: (-one[1], one[0]))
    verdict = f"{share_text(share)} contacts told how they like to be approached; most often: “{most}” ({times:,})."
    return Report(name=name, title=title, verdict=verdict, facts=facts,
                  tables=filled(_table(tally, "industry"), _table(tally, "source")))  # fmt: skip


def _table(tally: _Tally, segment: str) -> Table:
    """The segments in alphabetical order, each with its most frequent approach first."""
    asked: Counter[str] = Counter()
    for (kind, value, _), times in tally.segments.items():
        asked[value] += times if kind == segment else 0
    listed = [(value, told, n) for (kind, value, told), n in tally.segments.items() if kind == segment and told]
    rows = tuple(
        (value, told, Share(part=times, whole=asked[value]))
        for value, told, times in sorted(listed, key=lambda one: (one[0], -one[2], one[1]))
    )
    heads = columns(**{segment: segment}, approach="preferred approach", contacts="contacts")
    return Table(name=f"by_{segment}", title=f"By {segment}", columns=heads, rows=rows)
