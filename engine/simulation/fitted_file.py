"""A fitted behaviour as the YAML file that `playbook simulate --behaviour` reads, with the basis of each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.core.values import as_key
from engine.simulation.behaviour import Chance, Share
from engine.simulation.fitting import Fitted
from engine.simulation.watching import FEWEST, FEWEST_ENDINGS, Seen

_HEAD = """\
# yaml-language-server: $schema=../../schemas/behaviour.schema.json
#
# Fitted by `playbook simulate --fit` from {deals} losses and {touches} touches, as of {day}.
# Each share is the Aalen-Johansen estimate: every case counts for as long as it was watched, and what came first (an
# opt-out, a win) is an ending of its own. The range holds the truth nine times out of ten (Wilson, for as many cases as
# the estimate is worth). Delays are those of the cases that came to it. "kept": there was too little data for it.
behaviour: {name}
title: Fitted from our own history up to {day}
within_hours: {hours}
"""
_GROUPS = ("reps", "replies", "opt_outs", "wins", "happens")


def fitted_text(fitted: Fitted, name: str, day: str) -> str:
    """The file; it fits its schema. `name` is the behaviour's, `day` as of when it was fitted."""
    base = fitted.base
    head = _HEAD.format(
        deals=fitted.deals, touches=fitted.touches, day=day, name=name, hours=str(base.within_hours).lower()
    )  # fmt: skip
    parts = [head]
    parts += [_group(fitted, group) for group in _GROUPS]
    parts += [_outcomes(fitted), _fields(fitted)]
    return "\n".join(part for part in parts if part)


def kept(fitted: Fitted) -> list[str]:
    """What there was too little data for, in words: what of the behaviour that one began with still stands."""
    told = []
    for group, key in _entries(fitted):
        found = fitted.seen.get((group, key))
        if found is None or found.share is None:
            told.append(f"{group}.{key}: {_too_little(found)}")
        elif found.median is None:
            told.append(f"{group}.{key}, only how long it takes: {_endings(found)}, fewer than {FEWEST_ENDINGS}")
    return told


def _entries(fitted: Fitted) -> Iterator[tuple[str, str]]:
    """Every entry of the file, group by group: those one began with, then those that only the history has."""
    tables = dict(fitted.base.chances())
    for group in _GROUPS:
        own = [key for known, key in fitted.seen if known == group]
        for key in dict.fromkeys((*tables[group], *own)):
            if key in tables[group] or fitted.seen[group, key].share is not None:
                yield group, key


def _group(fitted: Fitted, group: str) -> str:
    lines = [f"  {_quoted(key)}: {_entry(fitted, known, key)}" for known, key in _entries(fitted) if known == group]
    return "\n".join([f"{group}:", *lines]) + "\n" if lines else ""


def _entry(fitted: Fitted, group: str, key: str) -> str:
    found, base = fitted.seen.get((group, key)), fitted.chance(group, key)
    if found is None or found.share is None:
        assert base is not None
        return f"{{{_share(base.share)}{_delay(base)}}}  # kept: {_basis(found)}"
    share = _share(Share(low=found.share[0], high=found.share[1]))
    if found.median is not None and found.p90 is not None:
        delay = f", median: {duration(found.median)}, p90: {duration(max(found.p90, found.median))}"
        return f"{{{share}{delay}}}  # {_endings(found)}{_high(fitted, group, key)}"
    return f"{{{share}{_delay(base)}}}  # {_endings(found)}; the delay is kept{_high(fitted, group, key)}"


def _high(fitted: Fitted, group: str, key: str) -> str:
    if (group, key) not in fitted.close:
        return ""
    return "; somewhat high: touches follow each other faster than answers come"


def _basis(found: Seen | None) -> str:
    if found is not None and found.young:
        return f"{_endings(found)}, most of them not watched for as long as it takes"
    return _cases(found)


def _too_little(found: Seen | None) -> str:
    return _basis(found) if found is not None and found.young else f"{_cases(found)}, fewer than {FEWEST}"


def _share(share: Share) -> str:
    if share.certain:
        return f"share: {share.low:.6g}"
    return f"share: [{share.low:.4f}, {share.high:.4f}]"


def _delay(chance: Chance | None) -> str:
    if chance is None or not chance.median:
        return ""
    return f", median: {duration(chance.median)}, p90: {duration(chance.p90)}"


def duration(seconds: float) -> str:
    """In the largest unit in which it is not too coarse: minutes below 3 hours, hours below 4 days, else days."""
    for unit, size, up_to in (("min", 60, 3 * 3_600), ("h", 3_600, 4 * 86_400)):
        if seconds < up_to:
            return f"{max(1, round(seconds / size))}{unit}"
    return f"{round(seconds / 86_400)}d"


def _cases(found: Seen | None) -> str:
    number = found.cases if found is not None else 0
    return f"only {number} case{'s' * (number != 1)}" if number else "not a single case"


def _endings(found: Seen) -> str:
    return f"{found.endings} of {found.cases} cases"


def _outcomes(fitted: Fitted) -> str:
    merged: dict[str, tuple[Mapping[str, float], str]] = {
        name: (weights, "kept") for name, weights in fitted.base.outcomes.items() if name not in fitted.outcomes
    }
    merged.update((name, (weights, f"{sum(weights.values())} reports")) for name, weights in fitted.outcomes.items())
    lines = [f"  {_quoted(name)}: {_weights(weights)}  # {basis}" for name, (weights, basis) in merged.items()]
    return "\n".join(["outcomes:", *lines]) + "\n" if lines else ""


def _fields(fitted: Fitted) -> str:
    lines: list[str] = []
    for event in dict.fromkeys((*fitted.base.fields, *fitted.fields)):
        lines.append(f"  {_quoted(event)}:")
        known = fitted.fields.get(event, {})
        for name in dict.fromkeys((*fitted.base.fields.get(event, {}), *known)):
            weights = known.get(name)
            basis = f"{sum(weights.values())} events" if weights else "kept"
            lines.append(f"    {_quoted(name)}: {_weights(weights or fitted.base.fields[event][name])}  # {basis}")
    return "\n".join(["fields:", *lines]) + "\n" if lines else ""


def _weights(weights: Mapping[str, float]) -> str:
    return f"{{{', '.join(f'{_quoted(as_key(key))}: {weight:g}' for key, weight in weights.items())}}}"


_PLAIN: Sequence[str] = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def _quoted(text: str) -> str:
    """As YAML reads it as this text."""
    plain = text.replace("_", "").replace(".", "").replace("-", "")
    simple = plain.isascii() and plain.isalnum() and not text[0].isdigit() and text[0] != "-"
    return text if simple and text not in _PLAIN else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
