"""Numbers in words never say more than they can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports.model import Interval, Share
from engine.reports.wording import interval_text, number_text, share_text


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(285, 286, "99.7 %"), (1, 286, "0.3 %"), (286, 286, "100 %"), (0, 286, "0 %"), (99999, 100000, "over 99.9 %"),
     (1, 100000, "under 0.1 %"), (10, 30, "33 %"), (199, 200, "99.5 %"), (1, 200, "0.5 %")],
)  # fmt: skip
def test_a_share_is_rounded_but_never_to_all_or_nothing(part, whole, told):
    assert share_text(Share(part=part, whole=whole)) == f"{part:,} of {whole:,} ({told})"


def test_the_sentence_of_the_reader_who_found_it():
    assert share_text(Share(part=285, whole=286)) == "285 of 286 (99.7 %)"


@given(st.integers(100, 10**9), st.integers(0, 10**9))
def test_all_is_said_of_all_only_and_nothing_of_none_only(whole, part):
    told = share_text(Share(part=min(part, whole), whole=whole))
    assert told.endswith("(100 %)") == (part >= whole)
    assert told.endswith("(0 %)") == (part == 0)


def test_a_range_of_shares_is_rounded_alike():
    assert interval_text(Interval(share=Share(part=1, whole=5000), low=0.00003, high=0.12)) == "under 0.1 to 12 %"


@pytest.mark.parametrize(
    ("value", "told"),
    [(14.0, "14"), (41.54, "41.5"), (0.25, "0.25"), (0.004, "0.004"), (0.0, "0"), (-3.0, "−3"), (2473.0, "2,473"),
     (-0.5, "−0.50"), (1e-15, "0"), (0.996, "0.996"), (-0.9996, "−0.9996"), (1.0, "1"), (0.99, "0.99")],
)  # fmt: skip
def test_a_number_that_is_not_nothing_is_never_written_as_nothing(value, told):
    assert number_text(value) == told
