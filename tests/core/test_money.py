"""Amounts in whole and minor units."""

import pytest

from engine.core.money import minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (5000, "USD", 500000), ("19.999", "USD", 2000), (1.005, "USD", 101), ("0.4", "JPY", 0), ("1.2345", "KWD", 1235),
        ("-3.5", "EUR", -350), ("1e9999999", "USD", None), ("1e-9999999", "USD", 0), ("inf", "USD", None),
        ("nan", "USD", None), (True, "USD", None), ("20k", "USD", None),
    ],
)  # fmt: skip
def test_a_number_of_whole_units_is_rounded_to_the_nearest_minor_one(amount, currency, minor):
    assert minor_units(amount, currency) == minor
