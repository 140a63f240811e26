"""How playbooks end: who was enrolled, who still is, under which end the others left, and how many were won since."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.imported import LINK
from engine.core.plural import count
from engine.reports.model import Cell, Name, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, team_of, text_of
from engine.reports.wording import ahead, nothing

if TYPE_CHECKING:
    from engine.store.base import Store
    from engine.store.reported import ReportedEnrolment

WITHIN = 180  # days from the enrolment to the win
_WON = "won"  # the end of an enrolment whose deal was won
_Key = tuple[str, str]  # playbook, team


@dataclass(slots=True)
class _Group:
    enrolled: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    wins: int = 0
    young: int = 0  # neither won nor enrolled long enough ago

    @property
    def open(self) -> int:
        return self.enrolled - self.ends.total()

    def add(self, other: _Group) -> None:
        self.enrolled += other.enrolled
        self.ends.update(other.ends)
        self.wins += other.wins
        self.young += other.young


@dataclass(slots=True)
class _Tally:
    losses: int = 0
    groups: defaultdict[_Key, _Group] = field(default_factory=lambda: defaultdict(_Group))
    ahead: int = 0  # deals won in the future


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally()
    for found in accounts(store, scope.world.roster, "enrolments"):
        wins = _wins(tally, found, scope)
        for deal in found.deals:
            tally.losses += deal.status == "lost"
            for enrolment in found.enrolments(deal):
                if _in_scope(deal, enrolment, scope):
                    _count(tally.groups[(enrolment.playbook, team_of(deal))], enrolment, wins[deal.id], scope)
    return _told(tally)


def _wins(tally: _Tally, found: Dossier, scope: Scope) -> defaultdict[str, list[int]]:
    """When each deal was won, itself or as the deal of this account that follows it: first instants of the days."""
    wins: defaultdict[str, list[int]] = defaultdict(list)
    for deal in found.deals:
        at = scope.first_instant(deal.fields.get("won_at")) if deal.status == "won" else None
        if at is not None and at > scope.now:
            tally.ahead += scope.takes_person(deal)
        elif at is not None:
            wins[deal.id].append(at)
            link = text_of(deal.fields.get(LINK)).strip()
            if link and link != deal.id:
                wins[link].append(at)
    return wins


def _in_scope(deal: Deal, enrolment: ReportedEnrolment, scope: Scope) -> bool:
    if scope.playbook not in ("", enrolment.playbook) or enrolment.enrolled_at > scope.now:
        return False
    if not scope.takes_person(deal) or (scope.since is None and scope.until is None):
        return scope.takes_person(deal)
    lost = scope.day(enrolment.loss or deal.fields.get("lost_at"))
    return lost is not None and scope.spans(lost)


def _count(group: _Group, enrolment: ReportedEnrolment, wins: list[int], scope: Scope) -> None:
    group.enrolled += 1
    over = enrolment.ended_at is not None and enrolment.ended_at <= scope.now
    if over:
        group.ends[enrolment.end] += 1
    known = [*wins, enrolment.ended_at] if over and enrolment.end == _WON else wins
    began = scope.local_day(enrolment.enrolled_at)
    if any(at is not None and 0 <= (scope.local_day(at) - began).days <= WITHIN for at in known):
        group.wins += 1
    elif (scope.today - began).days < WITHIN:
        group.young += 1


# --- what is told ---------------------------------------------------------------------------------------------------


def _told(tally: _Tally) -> Report:
    name, title = "ends", "How the playbooks end"
    everyone = _Group()
    for group in tally.groups.values():
        everyone.add(group)
    playbooks = len({playbook for playbook, _ in tally.groups})
    facts = {"enrolled": everyone.enrolled, "open": everyone.open, "ended": everyone.ends.total(),
             "wins": everyone.wins, "young": everyone.young, "within_days": WITHIN}  # fmt: skip
    if not everyone.enrolled:
        told = "No playbook followed any of these deals yet." if tally.losses else nothing(tally.losses)
        return Report(name=name, title=title, verdict=told, facts=facts)
    verdict = (
        f"{count(everyone.enrolled, 'enrolment')} in {count(playbooks, 'playbook')}: {everyone.open:,} still open, "
        f"{everyone.ends.total():,} ended. {count(everyone.wins, 'win')} within {WITHIN} days of the enrolment."
    )
    return Report(name=name, title=title, verdict=verdict, remarks=tuple(_remarks(tally, everyone)), facts=facts,
                  tables=filled(*_tables(tally)))  # fmt: skip


def _remarks(tally: _Tally, everyone: _Group) -> Iterator[str]:
    yield (
        "The wins are counted, and not evidence: nobody drew lots. "
        "Deals differ before any playbook takes them, so do not compare playbooks by these numbers."
    )
    if everyone.young:
        yield f"{count(everyone.young, 'enrolment')} began less than {WITHIN} days ago and may still be won."
    if tally.ahead:
        yield ahead(tally.ahead, "won")


def _tables(tally: _Tally) -> Iterator[Table]:
    together: defaultdict[str, _Group] = defaultdict(_Group)
    for (playbook, _), group in tally.groups.items():
        together[playbook].add(group)
    whole: dict[tuple[str, ...], _Group] = {(playbook,): group for playbook, group in sorted(together.items())}
    teams: dict[tuple[str, ...], _Group] = dict(sorted(tally.groups.items()))
    yield _group_table("playbooks", "By playbook; a variant is one of its own", whole, playbook="playbook")
    yield _end_table("ends", "Ends, the most frequent first", whole, playbook="playbook")
    yield _group_table("by_team", "By playbook and team", teams, playbook="playbook", team="team")
    yield _end_table("ends_by_team", "Ends by team", teams, playbook="playbook", team="team")


def _group_table(name: str, title: str, groups: dict[tuple[str, ...], _Group], **heads: str) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*key, one.enrolled, one.open, one.ends.total(), one.wins, one.young) for key, one in groups.items()
    )
    return Table(
        name=name, title=title, rows=rows, note="Wins: not evidence, nobody drew lots.",
        columns=columns(**heads, enrolled="enrolled", open="still open", ended="ended",
                        wins=f"won in {WITHIN} days", young="may still be won"),
    )  # fmt: skip


def _end_table(name: str, title: str, groups: dict[tuple[str, ...], _Group], **heads: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for key, one in groups.items():
        ends = sorted(one.ends.items(), key=lambda end: (-end[1], end[0]))
        rows += [(*key, Name(name=end), Share(part=times, whole=one.ends.total())) for end, times in ends]
    return Table(name=name, title=title, columns=columns(**heads, end="end", deals="of those that ended"),
                 rows=tuple(rows))  # fmt: skip
