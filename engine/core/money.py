"""Money: whole minor units and a currency. `[12500, "USD"]` is 125.00 US dollars."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

_WITHOUT = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905
_THREE = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor_digits(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217); 2 where it is unknown."""
    return 0 if currency in _WITHOUT else 3 if currency in _THREE else 2


def is_money(found: Any) -> bool:
    """Whether a field's value is an amount."""
    pair = isinstance(found, (list, tuple)) and len(found) == 2
    return pair and isinstance(found[0], int) and isinstance(found[1], str)


def minor_units(amount: Any, currency: str) -> int | None:
    """A number of whole units (5000, or "5000") in minor ones, rounded to the nearest; None if it is no number."""
    try:
        found = Decimal(str(amount)).scaleb(minor_digits(currency))
        return None if isinstance(amount, bool) else int(found.quantize(Decimal(1), ROUND_HALF_UP))
    except (DecimalException, OverflowError, ValueError):  # no number, none that is finite, or beyond all sums of money
        return None


def money_text(minor: int, currency: str) -> str:
    """12500, "USD" as 125 USD; decimals only where there are any."""
    digits = minor_digits(currency)
    amount = minor / 10**digits
    text = f"{amount:,.0f}" if amount == int(amount) else f"{amount:,.{digits}f}"
    return f"{text} {currency}".strip()
