"""Did you mean …?"""

from __future__ import annotations

import pytest

from engine.authoring.spelling import nearest

KNOWN = ["at_least", "at_most", "is", "decision_maker", "transitions", "to"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("transition", "transitions"),
        ("Decision-Maker", "decision_maker"),
        ("decisionmaker", "decision_maker"),
        ("AtLeast", "at_least"),
        ("gte", "at_least"),
        (">=", "at_least"),
        ("equals", "is"),
        ("goto", "to"),
    ],
)
def test_the_nearest_known_word_is_named(word, meant):
    assert nearest(word, KNOWN) == f"; did you mean '{meant}'?"


@pytest.mark.parametrize("word", ["banana", "", "x" * 100_000, "at_least"])
def test_no_guess_is_better_than_a_wild_one(word):
    assert nearest(word, KNOWN) == ""
