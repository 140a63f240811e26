"""Where a value stands in a playbook: a literal, a field, or a lookup by a field.

Names are canonical here (`deal.amount`, never `amount`): the vocabulary resolved them when the playbook was built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.core.money import is_money, money_text

Scalar: TypeAlias = "str | int | float | bool | None"
Read: TypeAlias = Callable[[str], Any]  # canonical name -> its value now, None if empty


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """The value itself; `content` is a scalar, a Duration, or a tuple of scalars."""

    content: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRef:
    """`{field: NAME}`: the value that the field has at the instant of use."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookup:
    """`{by: NAME, values: {...}, otherwise: ...}`; without `otherwise` an unlisted value gives nothing."""

    by: str
    values: Mapping[str, Any]
    otherwise: Any = None


Value: TypeAlias = Literal | FieldRef | Lookup


def resolve(value: Value, read: Read) -> Any:
    """What `value` stands for now."""
    if isinstance(value, Literal):
        return value.content
    if isinstance(value, FieldRef):
        return read(value.name)
    found = read(value.by)
    return value.values.get(as_key(found), value.otherwise) if found is not None else value.otherwise


def as_key(found: Any) -> str:
    """A field's value as it is written as a key in YAML (`true`, `3`, `west`)."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found)


def text_of(found: Any) -> str:
    """A field's value as text; "" for none."""
    return "" if found is None else str(found)


def value_words(value: Value | None, currency: str | None = None) -> str:
    """`value` in one line of words: `4w`, `the field deal.owner`, `by industry: software 3w, otherwise 4w`.

    With a currency (or "") whole numbers are minor units of it.
    """
    if value is None:
        return "none"
    if isinstance(value, FieldRef):
        return f"the field {value.name}"
    if isinstance(value, Literal):
        return _plain(value.content, currency)
    listed = [f"{key} {_plain(item, currency)}" for key, item in value.values.items()]
    return f"by {value.by}: {', '.join([*listed, f'otherwise {_plain(value.otherwise, currency)}'])}"


def _plain(content: Any, currency: str | None) -> str:
    if is_money(content):
        return money_text(*content)
    if isinstance(content, (tuple, list)):
        return ", ".join(_plain(item, currency) for item in content)
    if isinstance(content, bool):
        return "true" if content else "false"
    if currency is not None and isinstance(content, int):
        return money_text(content, currency)
    return "none" if content is None else str(content)


def names_in(value: Value) -> tuple[str, ...]:
    """The fields that `value` reads."""
    if isinstance(value, FieldRef):
        return (value.name,)
    return (value.by,) if isinstance(value, Lookup) else ()
