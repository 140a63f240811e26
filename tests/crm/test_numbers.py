from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.money import minor_digits
from engine.crm.dates import UndeclaredError, UnreadableError
from engine.crm.numbers import number_format, read_money, read_number

GERMAN = number_format(",", ".")
ENGLISH = number_format(".", ",")
SWISS = number_format(".", "'")
FRENCH = number_format(",", " ")
UNDECLARED = number_format(None, None)
REFUSED = [
    "(500)",
    "12_000",
    "NaN",
    "nan",
    "inf",
    "1e400",
    "1e5",
    "٣٤",
    "１２",
    "45.3k",
    "",
    "-",
    "1..2",
    "0x10",
    "1 2",
    "5-",
]


@pytest.mark.parametrize(
    ("form", "text", "wanted"),
    [
        (GERMAN, "1.234,56", 1234.56),
        (GERMAN, "1234,5", 1234.5),
        (ENGLISH, "1,234.56", 1234.56),
        (ENGLISH, "-12", -12),
        (SWISS, "1’234.50", 1234.5),
        (FRENCH, "1\u00a0234,50", 1234.5),
        (FRENCH, "1\u202f234", 1234),
        (UNDECLARED, "0.0", 0),
        (UNDECLARED, "0.125", 0.125),
        (UNDECLARED, "1234.5", 1234.5),
        (ENGLISH, "1.234", 1.234),
        (UNDECLARED, "007", 7),
        (UNDECLARED, "12,500.00", 12500),
        (UNDECLARED, "1.234,56", 1234.56),
        (number_format(",", None), "1.234,56", 1234.56),
        (number_format(".", None), "1,234.56", 1234.56),
        (number_format(None, "."), "1.234,56", 1234.56),
        (number_format(",", ""), "1234,56", 1234.56),
    ],
)
def test_a_number_is_read_with_its_declared_signs(form, text, wanted) -> None:
    assert read_number(text, form) == wanted


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("form", [GERMAN, ENGLISH, UNDECLARED, FRENCH])
def test_what_float_would_take_and_people_would_not_is_refused(form, text) -> None:
    with pytest.raises((UnreadableError, UndeclaredError)):
        read_number(text, form)
    with pytest.raises((UnreadableError, UndeclaredError)):
        read_money(text, "EUR", True, form)


@pytest.mark.parametrize("text", ["1,234", "1.234", "1.23,456", "12,34.56", "1'234", "1 234"])
def test_a_number_with_two_meanings_asks_for_a_declaration(text) -> None:
    with pytest.raises(UndeclaredError, match="decimal"):
        read_number(text, UNDECLARED)


@pytest.mark.parametrize(
    ("text", "currency", "certain", "wanted"),
    [
        ("$45,300", "USD", True, (4_530_000, "USD", False)),
        ("$45,300", "CAD", True, (4_530_000, "CAD", False)),
        ("€500", None, False, (50_000, "EUR", False)),
        ("500 EUR", "USD", False, (50_000, "EUR", False)),
        ("USD 45,300.10", "USD", True, (4_530_010, "USD", False)),
        ("-500", "EUR", True, (-50_000, "EUR", False)),
        ("-$500", "USD", True, (-50_000, "USD", False)),
        ("1234", "JPY", True, (1_234, "JPY", False)),
        ("1.5", "KWD", True, (1_500, "KWD", False)),
        ("0.0", "USD", True, (0, "USD", False)),
        ("10.00000", "USD", True, (1_000, "USD", False)),
        ("10.005", "USD", True, (1_001, "USD", True)),
        ("-10.005", "USD", True, (-1_001, "USD", True)),
    ],
)
def test_money_becomes_minor_units_of_its_currency(text, currency, certain, wanted) -> None:
    assert read_money(text, currency, certain, ENGLISH) == wanted


def test_a_sign_that_contradicts_the_rows_currency_is_refused() -> None:
    with pytest.raises(UnreadableError, match="the currency is EUR"):
        read_money("$500", "EUR", True, ENGLISH)
    with pytest.raises(UnreadableError, match="the currency is USD"):
        read_money("500 EUR", "USD", True, ENGLISH)
    with pytest.raises(UnreadableError, match="no currency"):
        read_money("500 pieces", "EUR", True, ENGLISH)


def test_an_amount_without_any_currency_asks_for_one() -> None:
    for text in ("500", "$500"):
        with pytest.raises(UndeclaredError, match="currency"):
            read_money(text, None, False, ENGLISH)


@pytest.mark.parametrize("text", ["1.23,56", "12.34.567", "1234.567,1", "1,5.000"])
def test_the_other_sign_separates_groups_of_three_and_nothing_else(text) -> None:
    with pytest.raises(UnreadableError):
        read_number(text, number_format(",", None))


def test_no_thousands_sign_at_all_can_be_declared() -> None:
    with pytest.raises(UnreadableError):
        read_number("1.234,56", number_format(",", ""))


@pytest.mark.parametrize(("decimal", "thousands"), [(",", ","), (";", None), (".", "x")])
def test_signs_that_cannot_be_told_apart_are_refused(decimal, thousands) -> None:
    with pytest.raises(ValueError, match=r"sign|decimal"):
        number_format(decimal, thousands)


@given(
    st.integers(-(10**13), 10**13),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([ENGLISH, GERMAN, SWISS, FRENCH]),
)
def test_written_amounts_come_back_exactly(minor, currency, form) -> None:
    places = minor_digits(currency)
    written = f"{Decimal(minor).scaleb(-places):,.{places}f}"
    local = written.translate(str.maketrans({",": form.thousands, ".": form.decimal}))
    assert read_money(local, currency, True, form) == (minor, currency, False)


@given(st.text(max_size=15))
def test_any_text_is_an_amount_or_refused_and_nothing_else(text) -> None:
    for form in (ENGLISH, GERMAN, UNDECLARED):
        try:
            minor, currency, _ = read_money(text, "EUR", False, form)
        except (UnreadableError, UndeclaredError):
            continue
        assert abs(minor) < 10**18
        assert len(currency) == 3
