"""What is on record of an account, read as units: what counts for which, and when a person has moved one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.core.enrolment import Event
from engine.core.experiment import Draw
from engine.core.vocabulary import vocabulary
from engine.core.zones import zone
from engine.experiments.reading import Reader
from engine.experiments.records import Settled, Unit
from engine.store.reported import DrawnAccount, EnrolledDeal, HandedOut
from tests.core.story import EVENTS, FIELDS
from tests.experiments.making import at

METRICS = frozenset({"won", "lost", "reopened", "deleted", "reply", "opted_out"})
READER = Reader(vocabulary(FIELDS, EVENTS), zone("UTC"), METRICS)
LOST = {"status": "lost", "lost_at": "2026-12-20"}


def drawn(deal: str, *, unit: str = "", day: int = 0, playbook: str = "soon", first: bool = True) -> Draw:
    return Draw(
        experiment="timing", phase=1, unit=unit or f"deal:{deal}", account="A", deal=deal, team="west", arm="a",
        probability=0.5, weights={"a": 1.0, "b": 1.0}, drawn_at=at(day, 9), locked_until=at(day + 60), revision="r",
        playbook=playbook, first=first, snapshot=LOST,
    )  # fmt: skip


def event(name: str, day: int, deal: str = "", contact: str = "", **fields: Any) -> Event:
    return Event(name, at(day, 12), deal=deal, contact=contact, fields=fields)


def imported(day: int, deal: str, **values: Any) -> Event:
    return replace(event("imported", day, deal), fields={"deal": values})


def read(draws: Sequence[Draw], events: Sequence[Event] = (), **more: Any) -> dict[str, Unit]:
    found = DrawnAccount(id="A", draws=list(draws), events=list(events), **more)
    return {unit.id: unit for unit in READER.units(found)}


def happened(units: Mapping[str, Unit]) -> dict[str, list[str]]:
    return {name: [one.event for one in unit.happened] for name, unit in units.items()}


# -- which unit it happened to


def test_an_event_of_a_contact_counts_for_the_deals_of_that_contact_only() -> None:
    found = read(
        [replace(drawn("D1"), contacts=("C1",)), replace(drawn("D2"), contacts=("C2",)), drawn("D3")],
        [event("opted_out", 3, contact="C1"), event("opted_out", 4)],
    )
    assert happened(found) == {"deal:D1": ["opted_out"] * 2, "deal:D2": ["opted_out"], "deal:D3": ["opted_out"]}


def test_an_event_of_any_contact_counts_for_an_account_that_was_drawn() -> None:
    account = replace(drawn("D1", unit="account:A"), contacts=("C1",))
    found = read([account], [event("opted_out", 3, contact="C9")])
    assert happened(found) == {"account:A": ["opted_out"]}


def test_one_win_counts_for_one_unit() -> None:
    link = event("linked", 10, "D2", follows_deal="D1", status="lost")
    won = imported(30, "D2", status="won")
    assert happened(read([drawn("D1")], [link, won])) == {"deal:D1": ["won"]}
    both = read([drawn("D1"), drawn("D2", day=20)], [link, won])
    assert happened(both) == {"deal:D1": [], "deal:D2": ["won"]}


def test_a_win_before_the_new_deal_was_drawn_itself_counts_for_the_deal_that_it_came_from() -> None:
    events = [event("linked", 10, "D2", follows_deal="D1", status="won"), imported(30, "D2", **LOST)]
    assert happened(read([drawn("D1"), drawn("D2", day=40)], events)) == {"deal:D1": ["won"], "deal:D2": []}


def test_a_later_deal_of_a_drawn_account_wins_for_that_account() -> None:
    events = [event("linked", 10, "D2", follows_deal="D1", status="won")]
    draws = [drawn("D1", unit="account:A"), drawn("D2", unit="account:A", day=5, first=False)]
    assert happened(read(draws, events)) == {"account:A": ["won"]}


def test_every_deal_that_was_drawn_with_its_account_counts_for_the_account() -> None:
    draws = [drawn("D1", unit="account:A"), drawn("D2", unit="account:A", day=5, first=False)]
    events = [imported(20, "D2", status="won"), imported(21, "D2", status="deleted"), imported(3, "D3", status="won")]
    assert happened(read(draws, events)) == {"account:A": ["won"]}, "the account is not deleted with one of its deals"


@pytest.mark.parametrize(
    ("won_on", "wins"), [(25, "deal:D3"), (15, "deal:D1")], ids=["corrected before it was won", "corrected too late"]
)
def test_a_corrected_link_gives_the_win_to_one_deal_only(won_on: int, wins: str) -> None:
    links = [event("linked", 10, "D2", follows_deal="D1", status="lost"),
             event("linked", 20, "D2", follows_deal="D3", status="won" if won_on < 20 else "lost")]  # fmt: skip
    events = sorted([*links, imported(won_on, "D2", status="won")], key=lambda one: one.recorded_at)
    assert happened(read([drawn("D1"), drawn("D3")], events)) == {"deal:D1": [], "deal:D3": [], wins: ["won"]}


def test_what_a_tick_could_not_take_counts_from_when_a_later_one_took_it() -> None:
    """Its account was set aside: a look that did not see it then must not see it when it is asked again."""
    settled = [Settled(imported_at=at(day), ticked_at=at(day, 1)) for day in (10, 20, 30)]
    events = [replace(event("reply", 5, "D1"), id=1), replace(event("reply", 6, "D1"), id=2)]
    found = DrawnAccount(id="A", draws=[drawn("D1")], events=events, handled_at={1: at(10, 1), 2: at(22)})
    (unit,) = replace(READER, settled=settled).units(found)
    assert [one.recorded_at for one in unit.happened] == [at(5, 12), at(22)]


# -- what an import means


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ([{"status": "open"}], ["reopened"]),
        ([{"status": "open"}, {"status": "open", "amount": 5}], ["reopened"]),
        ([{"status": "open"}, {"status": "lost", "lost_at": "2027-01-10"}], ["reopened", "lost"]),
        ([{"lost_at": "2027-01-08"}], ["lost"]),
        ([{"lost_at": "2027-01-08"}, {"status": "lost", "lost_at": "2027-01-08"}], ["lost"]),
        ([{"status": "lost", "amount": 7, "lost_at": "2026-12-20"}], []),
        ([{"status": "won"}, {"status": "won", "amount": 9}], ["won"]),
        ([{"status": "deleted"}], ["deleted"]),
        ([{"amount": 9}], []),
    ],
)
def test_what_an_import_means_follows_from_how_the_deal_was(told: list[dict[str, Any]], means: list[str]) -> None:
    events = [imported(3 + number, "D1", **values) for number, values in enumerate(told)]
    assert happened(read([drawn("D1")], events)) == {"deal:D1": means}


def test_what_an_import_said_of_a_deal_that_nothing_followed_is_remembered() -> None:
    events = [event("reopened", 3, "D1", status="open"), imported(5, "D1", status="open", amount=4)]
    assert happened(read([drawn("D1")], events)) == {"deal:D1": ["reopened"]}
    events = [*events, imported(8, "D1", **LOST)]
    assert happened(read([drawn("D1")], events)) == {"deal:D1": ["reopened", "lost"]}


def test_what_was_recorded_before_the_draw_does_not_count() -> None:
    assert happened(read([drawn("D1", day=5)], [imported(3, "D1", status="won"), event("reply", 4, "D1")])) == {
        "deal:D1": []
    }


# -- moved by hand

ORDER = event("command.enrol", 10, "D1", playbook="late")
OWN = EnrolledDeal("D1", "soon", at(0, 9), True)


def moved(*enrolled: EnrolledDeal, order: Event = ORDER, draw: Draw | None = None) -> int | None:
    (unit,) = read([draw or drawn("D1")], [order], enrolled=[OWN, *enrolled]).values()
    return unit.overridden_at


def test_an_order_that_nothing_came_of_moves_nothing() -> None:
    assert moved() is None
    assert moved(EnrolledDeal("D1", "late", at(10, 13), True)) == at(10, 13)


@pytest.mark.parametrize(
    "enrolled",
    [
        EnrolledDeal("D1", "late", at(10, 13), False),  # nothing that a customer sees
        EnrolledDeal("D1", "late", at(61), True),  # the window is over
        EnrolledDeal("D1", "late", at(9), True),  # before the order
        EnrolledDeal("D1", "other", at(10, 13), True),  # nobody ordered that
        EnrolledDeal("D2", "late", at(10, 13), True),  # another deal
    ],
)
def test_what_is_no_order_against_the_draw_is_not_counted(enrolled: EnrolledDeal) -> None:
    assert moved(enrolled) is None


def test_the_playbook_of_the_draw_itself_may_be_ordered_again() -> None:
    order = replace(ORDER, fields={"playbook": "soon"})
    assert moved(order=order) is None
    assert moved(EnrolledDeal("D1", "soon", at(10, 13), True), order=order) == at(10, 13)


@pytest.mark.parametrize(
    ("recorded", "facing", "end", "counts"),
    [(10, True, "ended_by_hand", True), (10, False, "ended_by_hand", False), (61, True, "ended_by_hand", False),
     (10, True, "kept", False)],
    ids=["what the customer saw", "what runs inside only", "after the window", "it had ended by itself"],
)  # fmt: skip
def test_an_early_end_by_a_person_goes_against_the_draw_from_the_tick_that_carried_it_out(
    recorded: int, facing: bool, end: str, counts: bool
) -> None:
    order = replace(event("command.end", recorded, "D1", playbook="soon", reason="a law suit"), id=7)
    enrolled = EnrolledDeal("D1", "soon", at(0, 9), facing, end, order.recorded_at)
    found = DrawnAccount(
        id="A", draws=[drawn("D1")], events=[order], enrolled=[enrolled], handled_at={7: at(recorded + 1)}
    )
    (unit,) = READER.units(found)
    assert unit.overridden_at == (at(recorded + 1) if counts else None)


def test_an_order_for_any_deal_of_a_drawn_account_counts() -> None:
    order, enrolled = replace(ORDER, deal="D2"), EnrolledDeal("D2", "late", at(10, 13), True)
    assert moved(enrolled, order=order) is None
    assert moved(enrolled, order=order, draw=drawn("D1", unit="account:A")) == at(10, 13)


# -- large accounts


class Passes(list[Any]):
    """A list that counts how often somebody goes through it."""

    count = 0

    def __iter__(self) -> Iterator[Any]:
        self.count += 1
        return super().__iter__()


def test_an_account_with_many_drawn_deals_is_gone_through_once_and_not_for_each() -> None:
    names = [f"D{number}" for number in range(50)]
    events = Passes(event("reply", 1 + day, name) for day in range(5) for name in names)
    handed = Passes(HandedOut(name, at(1), f"a-{name}", "kim", "call") for name in names)
    enrolled = Passes(EnrolledDeal(name, "soon", at(0, 9), True) for name in names)
    found = DrawnAccount(
        id="A", draws=[drawn(name) for name in names], events=events, handed=handed, enrolled=enrolled
    )  # fmt: skip
    units = list(READER.units(found))
    assert [(len(unit.happened), len(unit.handed)) for unit in units] == [(5, 1)] * 50
    assert (events.count, handed.count, enrolled.count) == (1, 1, 1)


@pytest.mark.parametrize(("second", "wins"), [(-1, "deal:D1"), (0, "deal:D2"), (1, "deal:D2")])
def test_a_win_that_is_recorded_in_the_second_of_its_own_draw_counts_for_that_draw(second: int, wins: str) -> None:
    link = event("linked", 10, "D2", follows_deal="D1", status="lost")
    told = replace(imported(20, "D2", status="won"), recorded_at=at(20, 9) + second)
    found = happened(read([drawn("D1"), drawn("D2", day=20)], [link, told]))
    assert found == {"deal:D1": [], "deal:D2": [], wins: ["won"]}
