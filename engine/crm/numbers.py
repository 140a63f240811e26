"""Numbers and money by a declared decimal and thousands sign. Python's own readers take `12_000`, `NaN`, `1e400` and
Arabic digits; this one does not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.core.money import minor_digits
from engine.crm.dates import UndeclaredError, UnreadableError

_PLAIN = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_TWO_MEANINGS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_BOTH_SIGNS = {  # the last of two different signs is the decimal one: `12,500.00` and `12.500,00` have one meaning
    ".": re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+"),
    ",": re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"),
}
_OTHER_SIGNS = re.compile(r"[+-]?[0-9]+(?:[.,'’\s][0-9]+)+")
_MONEY = re.compile(r"([+-]?)\s*([^0-9\s.,'’()_+-]*)\s*([+-]?[0-9](?:[0-9.,'’\s]*[0-9])?)\s*([^0-9\s.,'’()_+-]*)")
_CODE = re.compile(r"[A-Z]{3}")
_LONGEST = 15  # digits that survive in a 64-bit float and in any database
_DOLLARS = frozenset(("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "ARS", "CLP", "COP", "TWD"))
_SIGNS = {
    "$": _DOLLARS,
    "us$": frozenset(("USD",)),
    "a$": frozenset(("AUD",)),
    "c$": frozenset(("CAD",)),
    "r$": frozenset(("BRL",)),
    "€": frozenset(("EUR",)),
    "£": frozenset(("GBP",)),
    "¥": frozenset(("JPY", "CNY")),
    "₹": frozenset(("INR",)),
    "kr": frozenset(("SEK", "NOK", "DKK", "ISK")),
    "zł": frozenset(("PLN",)),
    "fr": frozenset(("CHF",)),
    "₽": frozenset(("RUB",)),
    "₩": frozenset(("KRW",)),
    "₪": frozenset(("ILS",)),
    "₺": frozenset(("TRY",)),
    "kč": frozenset(("CZK",)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberFormat:
    """`pattern` is None where nothing is declared: then only what has one meaning is read."""

    decimal: str = "."
    thousands: str = ""
    pattern: re.Pattern[str] | None = None


def number_format(decimal: str | None, thousands: str | None) -> NumberFormat:
    """The sign that is left out is the other one of point and comma; `thousands` "" means that there is none.

    Raises ValueError where the two signs cannot be told apart.
    """
    if decimal is None and thousands is None:
        return NumberFormat()
    decimal = decimal or ("," if thousands == "." else ".")
    if thousands is None:
        thousands = "." if decimal == "," else ","
    if decimal not in (".", ",") or thousands not in ("", ".", ",", " ", "'"):
        raise ValueError("decimal is “.” or “,”; thousands is “.”, “,”, “'”, a space or empty")
    if decimal == thousands:
        raise ValueError("decimal and thousands are the same sign")
    group = {"": "", " ": r"\s", "'": "['’]"}.get(thousands, re.escape(thousands))
    grouped = f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|" if group else ""
    pattern = re.compile(rf"[+-]?(?:{grouped}[0-9]+)(?:{re.escape(decimal)}[0-9]+)?")
    return NumberFormat(decimal=decimal, thousands=thousands, pattern=pattern)


def read_digits(text: str, form: NumberFormat) -> tuple[str, str, str]:
    """`-1.234,50` -> ("-", "1234", "50"). Raises UnreadableError or UndeclaredError."""
    decimal = form.decimal
    if form.pattern is None:
        decimal = next((sign for sign, pattern in _BOTH_SIGNS.items() if pattern.fullmatch(text)), "")
        if not decimal and (
            _TWO_MEANINGS.fullmatch(text) or (not _PLAIN.fullmatch(text) and _OTHER_SIGNS.fullmatch(text))
        ):
            advice = 'Write decimal: "." and thousands: ",", or decimal: "," and thousands: "."'
            raise UndeclaredError(advice, 'decimal: "."   # or ","')
        if not decimal and not _PLAIN.fullmatch(text):
            raise UnreadableError("is not a number")
    elif not form.pattern.fullmatch(text):
        declared = f"decimal sign “{form.decimal}”" + (
            f" and thousands sign “{form.thousands}”" if form.thousands else ""
        )
        raise UnreadableError(f"is not a number with {declared}")
    sign = "-" if text[0] == "-" else ""
    whole, _, fraction = text.lstrip("+-").partition(decimal or ".")
    whole = re.sub(r"[^0-9]", "", whole).lstrip("0") or "0"
    if len(whole) > _LONGEST:
        raise UnreadableError(f"has more than {_LONGEST} digits")
    return sign, whole, fraction


def read_number(text: str, form: NumberFormat) -> int | float:
    """A whole number as int, any other as float."""
    sign, whole, fraction = read_digits(text, form)
    if not fraction.strip("0"):
        return int(sign + whole)
    return float(f"{sign}{whole}.{fraction}")


def is_currency(text: str) -> bool:
    """Three capital letters."""
    return bool(_CODE.fullmatch(text))


def read_money(text: str, currency: str | None, certain: bool, form: NumberFormat) -> tuple[int, str, bool]:
    """`$45,300` -> (4530000, "USD", False): minor units, currency, whether it had to be rounded.

    `currency` is the row's, or the declared default (`certain` false: then a code beside the amount wins over it).
    Raises UnreadableError where the sign contradicts the currency, UndeclaredError where no currency is known at all.
    """
    match = _MONEY.fullmatch(text)
    if not match or (match[1] and match[3][0] in "+-") or (match[2] and match[4]):
        raise UnreadableError("is not an amount of money")
    digits = read_digits(match[1] + match[3], form)
    beside = match[2] or match[4]
    if beside:
        currency = _agreed(beside, currency, certain)
    if currency is None:
        advice = "Write currency: and the three letters of the currency, or map the column that holds it"
        raise UndeclaredError(advice, "currency: EUR   # or yours")
    minor, rounded = _minor(digits, minor_digits(currency))
    return minor, currency, rounded


def _agreed(beside: str, currency: str | None, certain: bool) -> str | None:
    meant = _SIGNS.get(beside.casefold())
    if meant is None:
        if not is_currency(beside.upper()) or not beside.isascii():
            raise UnreadableError(f"has “{beside}” beside the digits, which is no currency")
        meant = frozenset({beside.upper()})
    if currency in meant:
        return currency
    if len(meant) == 1 and not (certain and currency):
        return next(iter(meant))
    if currency is None:
        return None
    raise UnreadableError(f"has “{beside}” beside the digits, but the currency is {currency}")


def _minor(digits: tuple[str, str, str], places: int) -> tuple[int, bool]:
    """Half a minor unit is rounded away from zero."""
    sign, whole, fraction = digits
    kept, lost = fraction[:places].ljust(places, "0"), fraction[places:]
    minor = int(whole + kept) + (lost[:1] >= "5")
    return (-minor if sign else minor), bool(lost.strip("0"))
