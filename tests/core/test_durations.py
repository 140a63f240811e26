import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.durations import LARGEST, Duration, DurationError, parse_duration


@pytest.mark.parametrize("text", ["30min", "4h", "2d", "3w", "2mo", "1y", "3bd", "4bh", "0d", "0bd", "3660d"])
def test_a_duration_is_a_number_and_a_unit(text):
    assert str(parse_duration(text)) == text


@given(st.sampled_from(sorted(LARGEST)).flatmap(lambda unit: st.tuples(st.integers(0, LARGEST[unit]), st.just(unit))))
def test_a_duration_survives_being_written_and_read(parts):
    duration = Duration(amount=parts[0], unit=parts[1])
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("5m", "mo for months, min for minutes: write 5mo or 5min"),
        ("3M", "write 3mo or 3min"),
        ("2weeks", "write 2w"),
        ("3 months", "write 3mo"),
        ("5 business days", "write 5bd"),
        ("2 hrs", "write 2h"),
        ("1,000d", "write 1000d"),
        ("-1d", "60d before DATE"),
        ("1.5h", "write 90min"),
        ("0.5y", "write 6mo"),
        ("1.5bd", "whole numbers only"),
        ("P3D", "write 3d"),
        ("PT4H", "write 4h"),
        (" 3d", "write 3d"),
        ("3 fortnights", "the units are"),
        ("1d12h", "the units are"),
        ("d", "a number and one unit"),
        ("", "a number and one unit"),
        ("nan", "a number and one unit"),
        ("²d", "a number and one unit"),
        ("9" * 5_000 + "d", "write 3660d or less"),
        ("3661d", "write 3660d or less"),
        ("11y", "write 10y or less"),
        (3, "write a number and a unit"),
        (None, "write a number and a unit"),
        (float("nan"), "write a number and a unit"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_to_write_instead(text, hint):
    with pytest.raises(DurationError) as refused:
        parse_duration(text)
    assert hint in refused.value.hint
    assert len(refused.value.message) < 120


@given(st.text(max_size=50))
def test_no_text_brings_anything_but_a_duration_or_its_error(text):
    try:
        assert parse_duration(text).amount >= 0
    except DurationError as refused:
        assert refused.hint
