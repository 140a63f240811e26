"""Win-back revenue: what was won after a loss, by the same deal or a later one, traced back for three years."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from engine.core.account import Deal
from engine.core.delays import shift
from engine.core.durations import Duration
from engine.core.imported import LINK
from engine.core.plural import count
from engine.reports.longest import Longest
from engine.reports.model import Cell, Money, Report, Share, Table, columns, filled
from engine.reports.reading import Dossier, accounts
from engine.reports.scope import Scope, text_of
from engine.reports.wording import NO_LOSSES, NONE_IN_SCOPE, ahead, share_text

if TYPE_CHECKING:
    from engine.store.base import Store

HORIZON = Duration(amount=36, unit="mo")
LINKED, ITSELF, ACCOUNT = "named link", "same deal", "same account"


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """`playbook` is the one that followed it before the win; "" if none did."""

    deal: Deal
    day: date
    account: str


@dataclass(slots=True)
class _Tally:
    told: Longest
    losses: int = 0  # deals that were ever lost
    in_scope: int = 0
    beyond: int = 0  # linked, and won later than that
    ahead: int = 0  # won in the future
    astray: int = 0  # linked to a deal that is not here or was not lost before
    wins: Counter[str] = field(default_factory=Counter)  # by way
    groups: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)  # by what: (name, currency) -> minor
    numbers: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)


def report(store: Store, scope: Scope) -> Report:
    tally = _Tally(told=Longest(scope.limit))
    elsewhere: defaultdict[str, list[Deal]] = defaultdict(list)  # lost deal of another account -> what follows it
    for found in accounts(store, scope.world.roster, "enrolments"):
        _count_account(tally, found, scope, elsewhere)
    if elsewhere:
        for found in accounts(store, scope.world.roster, "enrolments"):
            for deal in found.deals:
                for win in elsewhere.pop(deal.id, ()):
                    _count_link(tally, found, win, deal, scope)
    tally.astray += sum(len(wins) for wins in elsewhere.values())
    return _told(tally)


def _count_account(tally: _Tally, found: Dossier, scope: Scope, elsewhere: defaultdict[str, list[Deal]]) -> None:
    losses = [Loss(deal=deal, day=day, account=found.account.named) for deal in found.deals
              for day in loss_days(found, deal, scope)]  # fmt: skip
    losses.sort(key=lambda loss: (loss.day, loss.deal.id))
    tally.losses += len({loss.deal.id for loss in losses})
    tally.in_scope += len({loss.deal.id for loss in losses if _in_scope(loss, scope)})
    by_id = {deal.id: deal for deal in found.deals}
    days = [loss.day for loss in losses]
    for win in found.deals:
        won = scope.day(win.fields.get("won_at")) if win.status == "won" else None
        link = text_of(win.fields.get(LINK)).strip()
        if won is None or _is_ahead(tally, win, scope):
            continue
        if link and link != win.id:
            if link in by_id:
                _count_link(tally, found, win, by_id[link], scope)
            else:
                elsewhere[link].append(win)
            continue
        loss, way = _followed(win, won, losses, days, scope)
        if loss is not None:
            _count(tally, found, win, won, loss, way, scope)


def _is_ahead(tally: _Tally, win: Deal, scope: Scope) -> bool:
    ahead_of_now = scope.is_ahead(win.fields.get("won_at"))
    tally.ahead += ahead_of_now and scope.takes_person(win)
    return ahead_of_now


def loss_days(found: Dossier, deal: Deal, scope: Scope) -> list[date]:
    """When the deal was lost, as far as it is known: its `lost_at`, and what its enrolments followed."""
    texts = (deal.fields.get("lost_at"), *(enrolment.loss for enrolment in found.enrolments(deal)))
    return sorted({day for text in texts if (day := scope.day(text)) is not None})


def _in_scope(loss: Loss, scope: Scope) -> bool:
    return scope.takes_person(loss.deal) and scope.spans(loss.day)


def _followed(win: Deal, won: date, losses: list[Loss], days: list[date], scope: Scope) -> tuple[Loss | None, str]:
    """The loss that a win without a link gets: its own last one, else the account's last before the deal began."""
    for loss in reversed(losses[: bisect_right(days, won)]):
        if loss.deal.id == win.id:
            return (loss, ITSELF) if won <= last_day(loss.day) else (None, "")
    began = scope.day(win.fields.get("created_at")) or won
    at = bisect_right(days, min(began, won))
    if at and won <= last_day(losses[at - 1].day):
        return losses[at - 1], ACCOUNT
    return None, ""


def last_day(lost: date) -> date:
    """The last day on which a win is still traced back to this loss."""
    return shift(datetime(lost.year, lost.month, lost.day), HORIZON, 1).date()


def _count_link(tally: _Tally, found: Dossier, win: Deal, lost: Deal, scope: Scope) -> None:
    """`found` is the account of the lost deal."""
    won = scope.day(win.fields.get("won_at"))
    before = [day for day in loss_days(found, lost, scope) if won is not None and day <= won]
    if won is None or not before:
        tally.astray += 1
    elif won > last_day(before[-1]):
        tally.beyond += 1
    else:
        loss = Loss(deal=lost, day=before[-1], account=found.account.named)
        _count(tally, found, win, won, loss, LINKED, scope)


def _count(tally: _Tally, found: Dossier, win: Deal, won: date, loss: Loss, way: str, scope: Scope) -> None:
    playbook = _playbook(found, loss, won, scope)
    if not _in_scope(loss, scope) or scope.playbook not in ("", playbook):
        return
    tally.wins[way] += 1
    amount = win.fields.get("amount")
    minor, currency = (amount[0], amount[1]) if isinstance(amount, list) else (0, "")
    source = text_of(loss.deal.fields.get("source"))
    for what, name in (("playbook", playbook), ("source", source), ("way", way), ("", "")):
        tally.groups.setdefault(what, Counter())[(name, currency)] += minor
        tally.numbers.setdefault(what, Counter())[(name, currency)] += 1
    row: tuple[Cell, ...] = (
        win.id, loss.account, loss.deal.id, str(loss.day), str(won), way, playbook,
        Money(minor=minor, currency=currency) if currency else None,
    )  # fmt: skip
    tally.told.add(won.toordinal(), win.id, row)


def _playbook(found: Dossier, loss: Loss, won: date, scope: Scope) -> str:
    """The last one that followed this loss before the win; one that approaches customers before one that does not."""
    followed = [
        (enrolment.facing, enrolment.enrolled_at, enrolment.playbook)
        for enrolment in found.enrolments(loss.deal)
        if scope.day(enrolment.loss) == loss.day and scope.local_day(enrolment.enrolled_at) <= won
    ]
    return max(followed)[2] if followed else ""


def _told(tally: _Tally) -> Report:
    name, title = "winback", "Win-back revenue"
    wins = tally.wins.total()
    revenue = {currency: minor for (_, currency), minor in sorted(tally.groups.get("", Counter()).items()) if currency}
    facts = {"losses": tally.in_scope, "wins": wins, "revenue_minor": revenue, "linked": tally.wins[LINKED],
             "same_deal": tally.wins[ITSELF], "same_account": tally.wins[ACCOUNT], "beyond_horizon": tally.beyond,
             "links_astray": tally.astray, "won_in_the_future": tally.ahead}  # fmt: skip
    if not tally.in_scope and not wins:
        return Report(name=name, title=title, verdict=NONE_IN_SCOPE if tally.losses else NO_LOSSES, facts=facts)
    return Report(name=name, title=title, verdict=_verdict(tally, wins, revenue), remarks=tuple(_remarks(tally)),
                  tables=filled(*_tables(tally)), facts=facts)  # fmt: skip


def _verdict(tally: _Tally, wins: int, revenue: dict[str, int]) -> str:
    if not wins:
        return f"Nothing has been won back yet from {count(tally.in_scope, 'lost deal')}, within 36 months of the loss."
    from engine.core.money import money_text

    amounts = " and ".join(money_text(minor, currency) for currency, minor in revenue.items()) or "no amount known"
    return f"{count(wins, 'deal')} won after a loss, within 36 months of it: {amounts}."


def _remarks(tally: _Tally) -> Iterator[str]:
    if tally.wins:
        sure = Share(part=tally.wins[LINKED] + tally.wins[ITSELF], whole=tally.wins.total())
        yield f"Traced by {LINK} or by the deal itself: {share_text(sure)}; the others share the account of the loss."
        yield "Each win counts once, for one loss. That it followed a loss does not prove that the follow-up won it."
    if tally.beyond:
        yield f"{count(tally.beyond, 'linked win')} more than 36 months after the loss not counted."
    if tally.ahead:
        yield ahead(tally.ahead, "won")
    if tally.astray:
        yield f"{count(tally.astray, 'link')} to a deal that is not here or was not lost before: check {LINK}."


def _tables(tally: _Tally) -> Iterator[Table]:
    titles = {"playbook": "By the playbook that followed the loss", "source": "By source of the lost deal",
              "way": "By how the win is traced back"}  # fmt: skip
    for what, title in titles.items():
        rows = tuple(
            (name, tally.numbers[what][(name, currency)], Money(minor=minor, currency=currency) if currency else None)
            for (name, currency), minor in sorted(tally.groups.get(what, Counter()).items())
        )
        heads = columns(**{what: what}, wins="wins", revenue="revenue")
        yield Table(name=f"by_{what}", title=f"{title}, one row per currency", columns=heads, rows=rows)
    heads = columns(win="won deal", account="account", follows="follows", lost="lost", won="won", way="traced by",
                    playbook="playbook", revenue="revenue")  # fmt: skip
    yield Table(name="wins", title="Wins after a loss, the latest first", columns=heads, rows=tally.told.rows(),
                left_off=tally.told.left_off)  # fmt: skip
