"""Conditions that exclude each other: found where nothing can answer them, and never where something can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.authoring.contradictions import contradiction
from engine.core.building.guards import condition
from engine.core.building.words import Words
from engine.core.conditions import holds
from engine.core.vocabulary import Field, vocabulary

VOCABULARY = vocabulary(
    [
        Field(name="deal.reason", type="choice", values=("price", "timing", "other")),
        Field(name="deal.readiness", type="number"),
        Field(name="deal.big", type="yes_no"),
        Field(name="deal.reasons", type="choices", values=("price", "timing", "other")),
    ],
    [],
)
REASONS = ("price", "timing", "other")
VALUES = {
    "reason": (None, *REASONS),
    "readiness": (None, *range(-1, 8)),
    "big": (None, True, False),
    "team": (None, "west", "east"),
    "amount": (None, *((minor, "EUR") for minor in range(0, 800, 50))),
}


class Deal:
    """A deal of which one field is known."""

    def __init__(self, value):
        self._value = value

    def value(self, name):
        return self._value

    def other_currency(self, name):
        pass


def built(content):
    words = Words(vocabulary=VOCABULARY)
    found = condition(words, content, ())
    assert words.findings.found == []
    return found


def excluded(*contents):
    return contradiction([built(content) if content else None for content in contents])


NUMBERS = some.integers(0, 6)
COMPARED = {
    "reason": some.one_of(
        some.fixed_dictionaries({"is": some.sampled_from(REASONS)}),
        some.fixed_dictionaries({"is_not": some.sampled_from(REASONS)}),
        some.fixed_dictionaries({"any_of": some.lists(some.sampled_from(REASONS), min_size=1, unique=True)}),
        some.fixed_dictionaries({"none_of": some.lists(some.sampled_from(REASONS), min_size=1, unique=True)}),
        some.fixed_dictionaries({"is_empty": some.booleans()}),
    ),
    "readiness": some.one_of(
        *(some.fixed_dictionaries({word: NUMBERS}) for word in ("is", "is_not", "at_least", "at_most")),
        *(some.fixed_dictionaries({word: NUMBERS}) for word in ("more_than", "less_than")),
        some.fixed_dictionaries({"is_empty": some.booleans()}),
    ),
    "amount": some.one_of(
        *(some.fixed_dictionaries({word: NUMBERS}) for word in ("is", "at_least", "at_most", "more_than", "less_than"))
    ),
    "big": some.fixed_dictionaries({"is": some.booleans()}),
    "team": some.fixed_dictionaries({"is": some.sampled_from(["west", "east"])}),
}


@given(some.sampled_from(sorted(COMPARED)).flatmap(
    lambda name: some.tuples(some.just(name), some.lists(COMPARED[name], min_size=1, max_size=4))
))  # fmt: skip
def test_what_is_found_to_exclude_each_other_nothing_answers(case):
    name, compared = case
    conditions = [built({name: comparison}) for comparison in compared]
    answers = [value for value in VALUES[name] if all(holds(one, Deal(value)) for one in conditions)]
    found = contradiction(conditions)
    if found:
        assert found == f"deal.{name}"
        assert answers == []
    elif any({"is", "any_of"} & comparison.keys() for comparison in compared):
        assert answers != []  # where the values are listed, every contradiction is found


@pytest.mark.parametrize(
    "contents",
    [
        ({"team": {"is": "west"}}, {"team": {"any_of": ["east", "north"]}}),
        ({"name": {"is": "Roof"}}, {"name": {"is_empty": True}}),
        ({"all": [{"amount": {"at_least": 5000}}]}, {"amount": {"less_than": 5000}}),
        ({"readiness": {"more_than": 3, "at_most": 3}},),
        ({"big": {"is": True}}, {"big": {"is": False}}),
    ],
)
def test_these_exclude_each_other(contents):
    assert excluded(*contents)


@pytest.mark.parametrize(
    "contents",
    [
        (None, None),
        ({"team": {"is": "west"}}, {"reason": {"is": "price"}}),
        ({"any": [{"team": {"is": "west"}}, {"big": {"is": True}}]}, {"team": {"is": "east"}}),
        ({"not": {"team": {"is": "west"}}}, {"team": {"is": "west"}}),  # true, and not looked for
        ({"amount": {"at_least": 5000}}, {"amount": {"at_most": 5000}}),
        ({"reasons": {"contains": "price"}}, {"reasons": {"contains": "timing"}}),
        ({"team": {"is": {"field": "owner"}}}, {"team": {"is": "west"}}),
        ({"lost_at": {"after": "2026-01-01"}}, {"lost_at": {"before": "2025-01-01"}}),
        ({"since.lost_at": {"at_most": "90d"}}, {"since.lost_at": {"more_than": "90d"}}),
    ],
)
def test_these_may_hold_together_or_are_left_to_the_deal(contents):
    assert excluded(*contents) == ""
