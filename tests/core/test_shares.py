"""One way to write shares: what is not nothing is never written as nothing, what is not all never as all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.plural import count, things
from engine.core.shares import percent, percent_range, points, points_range, signed, signed_points, with_minus

SHARES = st.integers(1, 10**9).flatmap(lambda whole: st.integers(0, whole).map(lambda part: (part, whole)))


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.098, "9.8 %"), (0.05, "5 %"), (0, "0 %"), (1, "100 %"), (0.0002, "under 0.1 %"), (0.99999, "over 99.9 %"),
     (1e-17, "0 %"), (1 - 1e-16, "100 %")],
)  # fmt: skip
def test_a_share_in_a_sentence(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.098, "9.8 %"), (0.05, "5.0 %"), (0, "0.0 %"), (1, "100.0 %"), (0.0002, "<0.1 %"), (0.99999, ">99.9 %")],
)
def test_a_share_in_a_column_has_a_fraction(share: float, words: str) -> None:
    assert percent(share, fixed=True) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(1 / 3, "33 %"), (0.997, "99.7 %"), (0.003, "0.3 %"), (0.0002, "under 0.1 %"), (0, "0 %"), (1, "100 %")],
)
def test_a_share_of_few_cases_has_a_fraction_only_near_all_and_nothing(share: float, words: str) -> None:
    assert percent(share, whole=True) == words


@pytest.mark.parametrize("how", [{}, {"whole": True}, {"fixed": True}], ids=str)
@given(SHARES)
def test_all_is_written_of_all_only_and_nothing_of_none_only(how: dict[str, bool], counted: tuple[int, int]) -> None:
    part, whole = counted
    told = percent(part / whole, **how)
    assert (told in ("100 %", "100.0 %")) == (part == whole)
    assert (told in ("0 %", "0.0 %")) == (part == 0)


def test_a_range_says_percent_once() -> None:
    assert percent_range(0.069, 0.138, fixed=True) == "6.9 to 13.8 %"
    assert percent_range(0.0002, 0.138, fixed=True) == "<0.1 to 13.8 %"
    assert percent_range(0.12, 0.34, whole=True) == "12 to 34 %"


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.047, "4.7 points"), (-0.047, "4.7 points"), (0.01, "1 point"), (0.0001, "under 0.1 points"), (0, "0 points"),
     (1e-17, "0 points"), (0.9996, "over 99.9 points"), (1, "100 points"), (-1, "100 points")],
)  # fmt: skip
def test_a_distance_is_told_in_points_without_a_sign(difference: float, words: str) -> None:
    assert points(difference) == words


@pytest.mark.parametrize(
    ("difference", "words", "column"),
    [(0.047, "4.7", "+4.7"), (-0.012, "−1.2", "−1.2"), (0.04, "4", "+4.0"), (0.0, "0", "0.0"), (-1e-17, "0", "0.0"),
     (-0.0003, "−0.03", "−0.03"), (0.0003, "0.03", "+0.03"), (0.9996, "99.96", "+99.96"), (-0.9996, "−99.96", "−99.96"),
     (1.0, "100", "+100.0"), (-1.0, "−100", "−100.0"), (3e-9, "0.0000003", "+<0.001"), (-3e-9, "−0.0000003", "−<0.001"),
     (0.9999999, "99.99999", "+>99.999")],
)  # fmt: skip
def test_a_difference_always_says_on_which_side_of_zero_it_lies(difference: float, words: str, column: str) -> None:
    assert signed_points(difference) == words
    assert signed_points(difference, fixed=True) == column


def test_a_range_that_leaves_zero_out_shows_that() -> None:
    assert points_range(0.0003, 0.081) == "+0.03 to +8.1"
    assert points_range(-0.081, -0.0003) == "−8.1 to −0.03"


@given(st.floats(-1, 1).filter(lambda difference: abs(difference) > 1e-9))
def test_no_difference_becomes_zero_or_all_or_changes_its_side_or_is_wide(difference: float) -> None:
    told = signed_points(difference, fixed=True)
    assert told[0] == ("−" if difference < 0 else "+")
    assert float(told[1:].lstrip("<>")) > 0
    assert abs(difference) > 1 - 1e-9 or float(told[1:].lstrip("<>")) < 100
    assert len(told) <= len("+>99.999")


def test_any_number_with_its_sign() -> None:
    assert [signed(number, 2) for number in (1.234, -1.234, -0.001)] == ["+1.23", "−1.23", "0.00"]
    assert [with_minus(f"{number:,}") for number in (-2473, 12, -0.0)] == ["−2,473", "12", "0.0"]


def test_numbers_of_things_have_their_thousands() -> None:
    assert (count(1, "deal"), count(2473, "deal")) == ("1 deal", "2,473 deals")
    assert count(2, "touch", "touches") == "2 touches"
    assert (things(1, "match", "matches"), things(1.5, "deal")) == ("match", "deals")
