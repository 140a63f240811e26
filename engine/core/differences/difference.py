"""One difference between two playbooks, and what most of them are made of: words that changed, entries that went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.core.conditions import AllOf, Condition, describe
from engine.core.differences.pairing import settled

Kind: TypeAlias = Literal["added", "removed", "changed", "moved", "renamed"]
Where: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """`where` names the piece from the outside in, `what` the key or piece in it; `old` and `new` are words.

    `lines` tell more: of a list what went (`- …`) and what came (`+ …`), of a text a unified diff, of a parameter where
    it counts.
    """

    where: Where
    what: str
    kind: Kind = "changed"
    old: str = ""
    new: str = ""
    lines: tuple[str, ...] = ()


Found: TypeAlias = Iterator[Difference]


def changed(where: Where, what: str, old: str, new: str) -> Found:
    """A key whose words are others now; "" for one that is not there."""
    if old != new:
        yield Difference(where=where, what=what, old=old or "none", new=new or "none")


def listed(where: Where, what: str, old: Sequence[str], new: Sequence[str]) -> Found:
    """Entries that went and came; their order has no meaning."""
    yield from (Difference(where=where, what=what, kind="removed", old=each) for each in less(old, new))
    yield from (Difference(where=where, what=what, kind="added", new=each) for each in less(new, old))


def lines(where: Where, what: str, old: Sequence[str], new: Sequence[str]) -> Found:
    """A key with a list under it: one entry that became another, or the entries that went and came."""
    gone, come = less(old, new), less(new, old)
    if len(old) == len(new) == 1:
        yield from changed(where, what, old[0], new[0])
    elif gone or come:
        yield Difference(where=where, what=what, lines=_signed(gone, come))


def order(where: Where, what: str, old: Sequence[str], new: Sequence[str]) -> Found:
    """The entries that both have stand in another order."""
    before, after = [each for each in old if each in new], [each for each in new if each in old]
    if sorted(before) == sorted(after):
        yield from changed(where, f"order of {what}", "; ".join(before), "; ".join(after))


def condition(where: Where, old: Condition | None, new: Condition | None) -> Found:
    """An `if`: as a whole, or the parts of it that went and came."""
    one, other = settled(old), settled(new)
    if one == other:
        return
    gone, come = less(_parts(one), _parts(other)), less(_parts(other), _parts(one))
    if one is None or other is None:
        yield from changed(where, "if", describe(one), describe(other))
    elif len(gone) == len(come) == 1:
        yield from changed(where, "if", gone[0], come[0])
    elif gone or come:
        yield Difference(where=where, what="if", lines=_signed(gone, come))
    else:
        yield from changed(where, "if", describe(one), f"{describe(other)} (of another type)")


def less(these: Sequence[str], those: Sequence[str]) -> list[str]:
    """What is in `these` and not in `those`, counting what is there twice."""
    left = list(those)
    found = []
    for each in these:
        if each in left:
            left.remove(each)
        else:
            found.append(each)
    return found


def _signed(gone: Sequence[str], come: Sequence[str]) -> tuple[str, ...]:
    return (*(f"- {each}" for each in gone), *(f"+ {each}" for each in come))


def _parts(whole: Condition | None) -> list[str]:
    if isinstance(whole, AllOf):
        return [describe(part) for part in whole.parts]
    return [describe(whole)] if whole is not None else []
