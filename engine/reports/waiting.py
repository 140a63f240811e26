"""Who waited for us, and until when: each message of a customer once, however many of their deals it concerns."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.core.account import Deal, Touch
from engine.core.durations import Instant
from engine.core.looking import view_of
from engine.core.vocabulary import Vocabulary
from engine.reports.approaches import done_actions, outbound
from engine.reports.reading import Dossier
from engine.reports.scope import Scope

_Came = dict[tuple[str, Instant], dict[str, Deal]]  # by customer and instant: the deals that it concerns


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """From what a customer sent until what we did next. `customer` is a contact's id, "" for a deal without contacts.

    Of several messages that one answer answers the first one waits. `answered` is None while nothing went out.
    """

    customer: str
    deals: tuple[Deal, ...]
    asked: Instant
    answered: Instant | None


def waits(found: Dossier, deals: Sequence[Deal], scope: Scope) -> Iterator[Wait]:
    """The waits that concern these deals of one account, by customer and instant."""
    answers = _Answers(found, deals, scope.now)
    began: dict[tuple[str, Instant | None], tuple[Instant, dict[str, Deal]]] = {}
    for (customer, asked), concerned in sorted(_came(found, deals, scope).items(), key=lambda one: one[0]):
        first = began.setdefault((customer, answers.after(asked, customer, concerned)), (asked, {}))
        first[1].update(concerned)
    for (customer, answered), (asked, concerned) in began.items():
        named = "" if customer in (_stand_in(deal) for deal in concerned.values()) else customer
        yield Wait(customer=named, deals=tuple(concerned.values()), asked=asked, answered=answered)


def _came(found: Dossier, deals: Sequence[Deal], scope: Scope) -> _Came:
    """What came in, and the notices of the losses, until now."""
    came: _Came = defaultdict(dict)
    for deal in deals:
        first = next((contact for contact, _ in deal.contacts), _stand_in(deal))
        for at, contact in _messages(found, deal, scope.world.vocabulary):
            came[(contact or first, at)][deal.id] = deal
        where = view_of(scope.world, found.account, deal, scope.now).zone_of()  # in which its deadline is counted too
        notice = scope.instant(deal.fields.get("notified_at"), where)
        if notice is not None:
            came[(first, notice)][deal.id] = deal
    return {key: concerned for key, concerned in came.items() if key[1] <= scope.now}


def _messages(found: Dossier, deal: Deal, vocabulary: Vocabulary) -> Iterator[tuple[Instant, str]]:
    """(when, from which contact; "" if nobody said). An activity that is an event too comes twice."""
    for event in found.events_around(deal):
        if vocabulary.is_reply(event.name):
            yield event.happened_at, event.contact
    for one in found.activities_around(deal):
        if one.direction == "inbound":
            yield one.at, one.contact


def _stand_in(deal: Deal) -> str:
    """Who is meant where a deal has no contacts: the deal itself."""
    return Touch.key_of("", deal.id)


class _Answers:
    """When something went out: to a contact, whatever the deal, and for a deal, to whomever."""

    def __init__(self, found: Dossier, deals: Sequence[Deal], now: Instant) -> None:
        self._deals = {deal.id: sorted(at for at in outbound(found, deal) if at <= now) for deal in deals}
        to: defaultdict[str, set[Instant]] = defaultdict(set)
        for contact, at in _sent(found):
            if at <= now:
                to[contact].add(at)
        self._contacts = {contact: sorted(sent) for contact, sent in to.items()}

    def after(self, asked: Instant, customer: str, concerned: Iterable[str]) -> Instant | None:
        """The next that answers; what goes at the very instant answers what came at it."""
        sent = [self._contacts.get(customer, []), *(self._deals[deal] for deal in concerned)]
        return min((line[at] for line in sent if (at := bisect_left(line, asked)) < len(line)), default=None)


def _sent(found: Dossier) -> Iterator[tuple[str, Instant]]:
    """(contact, when) of what went to somebody by name, for whichever deal."""
    for deal in found.deals:
        for action, at in done_actions(found, deal):
            if action.facing and action.contact:
                yield action.contact, at
        for one in found.activities(deal):
            if one.direction == "outbound" and one.contact:
                yield one.contact, one.at
