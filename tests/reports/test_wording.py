"""Numbers in words never say more than they can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reports.model import Share
from engine.reports.wording import percent, share_text


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(285, 286, "99.7 %"), (1, 286, "0.3 %"), (286, 286, "100 %"), (0, 286, "0 %"), (99999, 100000, "over 99.9 %"),
     (1, 100000, "under 0.1 %"), (1, 3, "33 %"), (199, 200, "99.5 %"), (1, 200, "0.5 %")],
)  # fmt: skip
def test_a_share_is_rounded_but_never_to_all_or_nothing(part, whole, told):
    assert percent(part / whole) == told


def test_the_sentence_of_the_reader_who_found_it():
    assert share_text(Share(part=285, whole=286)) == "285 of 286 (99.7 %)"


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_all_is_said_of_all_only_and_nothing_of_none_only(whole, part):
    part = min(part, whole)
    assert (percent(part / whole) == "100 %") == (part == whole)
    assert (percent(part / whole) == "0 %") == (part == 0)
