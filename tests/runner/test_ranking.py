"""The due list in the order of the workspace's own score, on a real store after a real tick."""

import time
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.scores import Scored
from engine.core.vocabulary import EventKind, Field, vocabulary
from engine.core.world import World
from engine.runner.listing import Wanted, due
from engine.runner.ranking import ranking
from engine.runner.recording import Recording
from engine.runner.shelf import RevisionShelf
from engine.runner.tick import Ticking
from engine.store.base import ImportedAccount, ImportedDeal
from engine.store.sqlite import create
from tests.core.story import FIELDS, instant
from tests.runner.offers import offered, one_state

START = instant("2026-03-02 10:00")
HOUR = 3600
AMOUNT = {"points": 10, "because": "for each 10,000", "each": 10000, "of": "amount", "at_most": 5}
LATE = {"points": 25, "because": "it is late", "if": {"since.action.deadline": {"at_least": "1h"}}}
CALL = {"points": 5, "because": "a call is quick", "if": {"action.kind": {"is": "call"}}}
ASKED = {"points": 7, "because": "they asked", "if": {"count": {"of": "asked_for", "at_least": 1}}}
WORDS = vocabulary([*FIELDS, Field(name="deal.amount", type="money", currency="EUR")], [EventKind(name="asked_for")])
CONTENT = one_state(
    {
        "ask": {"kind": "call", "title": "Ask", "assign": "owner"},
        "read": {"kind": "task", "title": "Read", "assign": "owner", "priority": 3},
    },
    [{"after": "4w", "end": "kept"}],
)
DEALS = {"D-1": ("kim", 12_000_00), "D-2": ("kim", 90_000_00), "D-3": ("noor", 1_000_00), "D-4": ("kim", None)}


def world(*lines, name="worth"):
    return World(vocabulary=replace(WORDS, scores={"worth": list(lines)}), due_list=name)


def offer():
    return offered(CONTENT, WORDS)


def shop(path, deals):
    store = create(path / "playbook.db")
    with store.transaction():
        store.upsert_accounts(ImportedAccount(id=f"A{deal}") for deal in deals)
        store.upsert_deals(
            ImportedDeal(
                id=deal, account=f"A{deal}", contacts=[], fingerprint="f", examine_at=0,
                fields={"status": "lost", "owner": owner, "lost_at": "2026-02-20",
                        **({"amount": [amount, "EUR"]} if amount is not None else {})},
            )
            for deal, (owner, amount) in deals.items()
        )  # fmt: skip
    Ticking(store, World(vocabulary=WORDS), [offer()], START).run()
    return store


@pytest.fixture
def store(tmp_path):
    with closing(shop(tmp_path, DEALS)) as store:
        yield store


def ranked(store, world, hours=1, **wanted):
    now = START + hours * HOUR
    return due(store, now, Wanted(**wanted), ranking(world, now))


def listed(found):
    return [(one.row.deal, one.row.name) for one in found.actions]


def test_what_has_most_points_comes_first_for_each_person(store):
    found = ranked(store, world(AMOUNT, CALL))
    assert listed(found) == [
        ("D-2", "ask"), ("D-2", "read"), ("D-1", "ask"), ("D-1", "read"), ("D-4", "ask"), ("D-4", "read"),
        ("D-3", "ask"), ("D-3", "read"),
    ]  # fmt: skip
    assert [one.points.total for one in found.actions][:3] == [55, 50, 15]


def test_every_point_has_its_reason(store):
    first = ranked(store, world(AMOUNT, CALL)).actions[0]
    assert first.points == Scored(total=55, breakdown=((50, "for each 10,000"), (5, "a call is quick")))


def test_ties_go_by_priority_then_deadline_then_id(store):
    found = ranked(store, world({"points": 1, "because": "always"}))
    kim = [one.row for one in found.actions if one.row.assignee == "kim"]
    assert [row.name for row in kim] == ["read"] * 3 + ["ask"] * 3
    assert [row.id for row in kim] == [*sorted(row.id for row in kim[:3]), *sorted(row.id for row in kim[3:])]


def test_a_limit_keeps_the_most_points_and_not_the_highest_priority(store):
    found = ranked(store, world(AMOUNT, CALL), limit=2)
    assert listed(found) == [("D-2", "ask"), ("D-2", "read")] and found.left_off == 6


def test_lateness_counts_from_the_moment_it_is_asked(store):
    score = world(LATE)
    assert {one.points.total for one in ranked(store, score, hours=1).actions} == {0}
    assert {one.points.total for one in ranked(store, score, hours=48).actions} == {25}


def test_points_that_grow_with_time_grow(store):
    open_for = {"points": 2, "because": "days it waits", "each": "1d", "of": "since.action.due_at", "at_most": 10}
    totals = [ranked(store, world(open_for), hours=24 * days).actions[0].points.total for days in (0, 1, 3, 30)]
    assert totals == [0, 2, 6, 20]


def test_a_score_that_counts_events_sees_those_of_the_past(store):
    score = world(ASKED)
    assert {one.points.total for one in ranked(store, score).actions} == {0}
    told = Recording(store=store, world=score, shelf=RevisionShelf(store, [offer()]), now=START + HOUR, by="kim")
    told.record([told.event("asked_for", deal="D-4")])
    Ticking(store, World(vocabulary=WORDS), [offer()], START + 2 * HOUR).run()
    found = ranked(store, score, hours=3)
    assert {one.row.deal for one in found.actions if one.points.total == 7} == {"D-4"}


def test_the_log_is_loaded_only_where_the_score_reads_it():
    assert ranking(world(AMOUNT, CALL), START).needs == frozenset()
    assert ranking(world(AMOUNT, ASKED), START).needs == {"log", "touches"}


@pytest.mark.parametrize("name", ["", "nobody_wrote_it"])
def test_without_a_score_the_list_goes_by_priority_and_shows_no_points(store, name):
    score = world(AMOUNT, name=name)
    assert ranking(score, START) is None
    found = ranked(store, score)
    assert [one.row.name for one in found.actions] == ["read"] * 3 + ["ask"] * 3 + ["read", "ask"]
    assert {one.points for one in found.actions} == {None}


def test_answered_actions_are_hidden_here_too(store):
    told = Recording(store=store, world=WORLD, shelf=RevisionShelf(store, [offer()]), now=START + HOUR, by="kim")
    told.record([told.outcome(next(row for row in store.open_actions(deal="D-2") if row.name == "ask"))])
    found = ranked(store, world(AMOUNT, CALL), hours=2)
    assert ("D-2", "ask") not in listed(found) and (found.answered, found.left_off) == (1, 0)


WORLD = World(vocabulary=WORDS)


@given(st.lists(st.tuples(st.sampled_from(["call", "task"]), st.integers(-50, 50)), max_size=4), st.integers(1, 8))
def test_a_limited_list_is_the_beginning_of_the_whole_by_points(ranking_store, lines, limit):
    score = world(
        *({"points": points, "because": "why", "if": {"action.kind": {"is": kind}}} for kind, points in lines)
    )
    whole, part = (
        ranked(ranking_store, score, assignee="kim"),
        ranked(ranking_store, score, assignee="kim", limit=limit),
    )
    totals = [one.points.total for one in whole.actions]
    assert totals == sorted(totals, reverse=True)
    assert listed(part) == listed(whole)[:limit]


@pytest.fixture(scope="module")
def ranking_store(tmp_path_factory):
    with closing(shop(tmp_path_factory.mktemp("ranking"), DEALS)) as store:
        yield store


def test_a_thousand_open_actions_are_ranked_well_within_a_second(tmp_path):
    deals = {f"D-{number}": ("kim", number * 100_00) for number in range(500)}
    with closing(shop(tmp_path, deals)) as store:
        started = time.process_time()
        found = ranked(store, world(AMOUNT, LATE, CALL), hours=48)
        assert len(found.actions) == 1000
        assert time.process_time() - started < 1
