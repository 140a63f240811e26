"""What people look at: what is due, deals with what follows them, how things stand. Reads only, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf

from engine.core.account import Account, Contact, PastEnrolment
from engine.core.answering import is_answers
from engine.core.durations import Instant
from engine.core.enrolment import Enrolment, Event, Position
from engine.core.model import LOSS_TAKEN_BACK
from engine.core.scores import Scored
from engine.runner.ranking import Ranking
from engine.store.base import ActionRow, Counts, DealFilter, DealRow, SetAside, Store, Tick

PAGE = 200
SHORTEST = 4  # characters of an id that are shown at least
TICKS_LOOKED_AT = 20


# --- what is due ----------------------------------------------------------------------------------------------------

DUE_COLUMNS = (
    "id", "assignee", "due_at", "deadline", "overdue", "priority", "kind", "title", "deal", "deal_name", "account",
    "account_name", "contact", "contact_name", "playbook", "action", "track", "owner", "team", "remarks", "text",
    "held", "enrolment", "paused",
)  # fmt: skip  # of the list as CSV and JSON: `id` is the action's, `action` its name in the playbook
RANK_COLUMNS = ("rank", "rank_because")  # where a score orders the list: the points, and each with its reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which open actions; None: any. `members` are the people of the team: a deal without one is its owner's."""

    assignee: str | None = None
    owner: str | None = None
    team: str | None = None
    members: frozenset[str] = frozenset()
    deal: str | None = None
    overdue: bool = False
    limit: int | None = None

    def fits(self, row: ActionRow, now: Instant) -> bool:
        return (
            self.assignee in (None, row.assignee)
            and self.owner in (None, row.owner)
            and (self.team in (None, row.team) or (not row.team and row.owner in self.members))
            and self.deal in (None, row.deal)
            and (not self.overdue or is_overdue(row, now))
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DueAction:
    """An open action with the shortest beginning of its id that is unique among the open ones."""

    row: ActionRow
    short: str
    overdue: bool
    contact: Contact | None
    points: Scored | None = None  # where a score orders the list
    paused: bool = False  # what it belongs to: it is not to be done now


@dataclass(frozen=True, kw_only=True, slots=True)
class DueList:
    """`answered` are hidden: their outcome is recorded and waits for the next tick. `left_off` are beyond the limit.

    `people` is (due, overdue) by assignee, those beyond the limit included.
    """

    actions: Sequence[DueAction]
    answered: int
    left_off: int
    people: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def is_overdue(row: ActionRow, now: Instant) -> bool:
    return row.deadline is not None and row.deadline < now


def due(store: Store, now: Instant, wanted: Wanted, ranking: Ranking | None = None) -> DueList:
    """Open actions without those that are answered already; for each assignee the most urgent first, or by `ranking`
    what has most points."""
    opened = store.open_actions()
    short = short_ids(row.id for row in opened)
    rows = sorted((row for row in opened if wanted.fits(row, now)), key=_urgency)
    found: list[DueAction] = []
    answered = 0
    for row, account in _with_accounts(store, rows, now, ranking.needs if ranking else frozenset()):
        if account is not None and any(answers(event, row) for event in account.events):
            answered += 1
            continue
        contact = account.contacts.get(row.contact) if account else None
        followed = account.enrolments.get(row.enrolment) if account else None
        paused = followed is not None and followed.paused is not None
        late = is_overdue(row, now) and not paused
        points = ranking.points(row, account) if ranking else None
        found.append(
            DueAction(row=row, short=short[row.id], overdue=late, contact=contact, points=points, paused=paused)
        )
    if ranking is not None:
        found.sort(key=_worth)
    shown = sorted(found[: wanted.limit], key=lambda one: one.row.assignee)
    return DueList(actions=shown, answered=answered, left_off=len(found) - len(shown), people=_people(found))


def _people(found: Iterable[DueAction]) -> dict[str, tuple[int, int]]:
    counted: dict[str, tuple[int, int]] = {}
    for one in found:
        number, overdue = counted.get(one.row.assignee, (0, 0))
        counted[one.row.assignee] = number + 1, overdue + one.overdue
    return counted


def _with_accounts(
    store: Store, rows: Sequence[ActionRow], now: Instant, needs: frozenset[str]
) -> Iterator[tuple[ActionRow, Account | None]]:
    for page in _pages(rows):
        ids = sorted({row.account for row in page})
        accounts = {one.id: one for one in store.load_accounts(ids, now, set(needs))}
        yield from ((row, accounts.get(row.account)) for row in page)


def _worth(one: DueAction) -> tuple[float, float, float, str]:
    """Most points first; then higher priority, then what has to be done earlier."""
    priority, deadline, _ = _urgency(one.row)
    return -(one.points.total if one.points else 0), priority, deadline, one.row.id


def _urgency(row: ActionRow) -> tuple[float, float, Instant]:
    """Higher priority first, then what has to be done earlier, then what has been open longer."""
    deadline = inf if row.deadline is None else row.deadline
    return -row.priority, deadline, row.due_at or 0


def answers(event: Event, row: ActionRow) -> bool:
    """Whether a pending event takes the action off the list at the next tick."""
    if event.action == row.id:
        return event.name != "command.reassign" and not is_answers(event.name)
    by_name = not event.action and event.enrolment == row.enrolment
    return by_name and event.name.startswith(f"{row.name}.")


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """The shortest unique beginning of each id, of at least SHORTEST characters."""
    ordered = sorted(set(ids))
    found = {}
    for number, one in enumerate(ordered):
        beside = ordered[max(0, number - 1) : number] + ordered[number + 1 : number + 2]
        length = max([SHORTEST, *(_alike(one, other) + 1 for other in beside)])
        found[one] = one[:length]
    return found


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _pages(rows: Sequence[ActionRow]) -> Iterator[Sequence[ActionRow]]:
    for start in range(0, len(rows), PAGE):
        yield rows[start : start + PAGE]


# --- deals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """One playbook that follows, or followed, a deal. `this_loss`: it was enrolled for the loss that stands now."""

    playbook: str
    enrolment: str
    positions: Sequence[Position]
    paused: bool
    end: str
    since: Instant
    this_loss: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedDeal:
    row: DealRow
    following: Sequence[Following]

    @property
    def followed(self) -> bool:
        """Something follows or followed this loss. What ended because the CRM said that it was none did not."""
        return any(one.this_loss and one.end not in LOSS_TAKEN_BACK for one in self.following)

    @property
    def forgotten(self) -> bool:
        """Lost, not followed, and nobody said why."""
        return self.row.deal.status == "lost" and not self.followed and not self.row.deal.excused


def deals(
    store: Store, now: Instant, chosen: DealFilter, *, lost_since: str = "", not_followed: bool = False
) -> Iterator[ListedDeal]:
    """Deals by id, `chosen.limit` of them at most. `lost_since` is a date such as 2026-03-01."""
    if not_followed:
        chosen = replace(chosen, status="lost")
    wanted = chosen.limit
    page_filter = replace(chosen, limit=PAGE)
    while rows := store.deals(page_filter):
        for listed in _with_following(store, now, rows):
            if not _fits(listed, lost_since, not_followed):
                continue
            if wanted <= 0:
                return
            wanted -= 1
            yield listed
        if len(rows) < PAGE:
            return
        page_filter = replace(page_filter, after=rows[-1].deal.id)


def _fits(listed: ListedDeal, lost_since: str, not_followed: bool) -> bool:
    lost_at = str(listed.row.deal.fields.get("lost_at") or "")
    return lost_at[:10] >= lost_since[:10] and (not not_followed or listed.forgotten)


def _with_following(store: Store, now: Instant, rows: Sequence[DealRow]) -> list[ListedDeal]:
    ids = sorted({row.deal.account for row in rows})
    running = {
        enrolment.id: enrolment
        for account in store.load_accounts(ids, now, set())
        for enrolment in account.enrolments.values()
    }
    past: dict[str, list[PastEnrolment]] = {}
    for one in store.past_enrolments(ids):
        past.setdefault(one.deal, []).append(one)
    return [
        ListedDeal(row=row, following=[_following(one, running.get(one.id), row) for one in past.get(row.deal.id, [])])
        for row in rows
    ]


def _following(past: PastEnrolment, running: Enrolment | None, row: DealRow) -> Following:
    return Following(
        playbook=past.playbook, enrolment=past.id, positions=running.positions if running else (),
        paused=running is not None and running.paused is not None, end=past.end,
        since=past.ended_at or past.enrolled_at, this_loss=past.loss == str(row.deal.fields.get("lost_at") or ""),
    )  # fmt: skip


# --- how things stand -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`not_followed`: (lost and forgotten, of these examined again). `people`: (due, overdue) by assignee.

    `gaps` are (from, until) between the last ticks, and since the last one, longer than `late_grace`. `drawn`: units by
    experiment.
    """

    now: Instant
    counts: Counts
    not_followed: tuple[int, int]
    people: dict[str, tuple[int, int]]
    set_aside: Sequence[SetAside]
    last_tick: Tick | None
    gaps: Sequence[tuple[Instant, Instant]]
    next_due: Instant | None
    drawn: dict[str, int]


def status(store: Store, now: Instant, late_grace: int) -> Status:
    """Everything that `playbook status` tells. Reads all enrolments and deals: not for a tick."""
    last = store.last_tick()
    return Status(
        now=now, counts=store.counts(), not_followed=store.not_followed(), people=store.due_by_person(now),
        set_aside=store.set_aside(), last_tick=last, gaps=_gaps(store, last, now, late_grace),
        next_due=store.next_due(), drawn=_drawn(store),
    )  # fmt: skip


def _drawn(store: Store) -> dict[str, int]:
    units: Counter[str] = Counter()
    for experiment, _, _, _, number in store.count_draws():
        units[experiment] += number
    return dict(units)


def _gaps(store: Store, last: Tick | None, now: Instant, late_grace: int) -> list[tuple[Instant, Instant]]:
    if last is None:
        return []
    ticks = store.ticks_since(last.now - TICKS_LOOKED_AT * late_grace)[-TICKS_LOOKED_AT:]
    instants = [tick.now for tick in ticks] + [now]
    return [(earlier, later) for earlier, later in pairwise(instants) if later - earlier > late_grace]


def account_of(store: Store, row: DealRow, now: Instant) -> Account:
    """The account of a deal, with that deal, its contacts, its open enrolments and what is pending."""
    key = (row.deal.account, row.deal.id)
    return store.load_accounts([key[0]], now, set(), [key])[0]
