"""What somebody probably meant: one measure for names, headings, ids and commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.likeness import nearest

KNOWN = ["decision_maker", "Closed Lost", "D-1042", "call", "email", ">="]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Decision-Maker", "decision_maker"), ("descision_maker", "decision_maker"),
        ("closed lost ", "Closed Lost"), ("d1042", "D-1042"), ("D-1024", "D-1042"), ("emial", "email"), ("cal", "call"),
        (">=", ">="),
    ],
)  # fmt: skip
def test_case_spaces_and_punctuation_count_least(word, meant):
    assert nearest(word, KNOWN) == meant


@pytest.mark.parametrize("word", ["banana", "", "x" * 100_000, "<", "____"])
def test_no_guess_is_better_than_a_wild_one(word):
    assert nearest(word, KNOWN) == ""


def test_of_words_that_are_written_alike_the_first_is_meant():
    assert nearest("GTX pro", ["GTXPro", "gtx pro"]) == "GTXPro"


def test_more_words_than_can_be_looked_at_are_only_compared_as_they_are():
    many = [f"D{number}" for number in range(6_000)]
    assert nearest("d-17", many) == "D17"
    assert nearest("DD17", many) == ""


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_it_names_a_known_word_or_nothing(word, known):
    assert nearest(word, known) in ("", *known)
    assert not known or nearest(known[0], known) != "" or known[0] == ""
