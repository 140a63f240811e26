"""A behaviour, from plain data that fits schemas/behaviour.schema.json; what is wrong with it is added by path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.building.literals import Wanted, read_literal
from engine.core.durations import DurationError, parse_duration
from engine.core.likeness import nearest
from engine.core.model import CUSTOMER_KINDS, INTERNAL_KINDS, Path
from engine.core.vocabulary import BUILT_IN_EVENTS, Field, Vocabulary
from engine.core.zones import ZoneError, zone
from engine.simulation.behaviour import ANY, BY_ITSELF, SUCCESS, Behaviour, Chance, Share

SECONDS = {"min": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "mo": 30.4375 * 86_400, "y": 365.25 * 86_400}
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d+)?", re.ASCII)
_NOT_BY_ITSELF = ("changed", "all_closed", "answered")  # only the engine raises these


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a behaviour may name: the actions of the playbooks with their outcomes, the ends, the events."""

    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    actions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ends: frozenset[str] = frozenset()


def build_behaviour(content: Mapping[str, Any], findings: Findings, known: Known | None = None) -> Behaviour:
    """The behaviour; entries that are wrong are left out. Without `known` no name is looked up."""
    reading = _Reading(findings=findings, known=known)
    return Behaviour(
        name=content["behaviour"],
        title=content.get("title", ""),
        within_hours=content.get("within_hours", True),
        reps=reading.by_action(content, "reps", CUSTOMER_KINDS | INTERNAL_KINDS),
        outcomes=reading.outcomes(content.get("outcomes", {})),
        replies=reading.by_action(content, "replies", CUSTOMER_KINDS),
        opt_outs=reading.by_action(content, "opt_outs", CUSTOMER_KINDS),
        wins=reading.wins(content.get("wins", {})),
        happens=reading.happens(content.get("happens", {})),
        fields=reading.fields(content.get("fields", {})),
    )


@dataclass(kw_only=True, slots=True)
class _Reading:
    findings: Findings
    known: Known | None

    # --- chances -----------------------------------------------------------------------------------------------------

    def by_action(self, content: Mapping[str, Any], group: str, kinds: frozenset[str]) -> dict[str, Chance]:
        """By action, by kind of action, or for any."""
        found = {}
        for key, item in content.get(group, {}).items():
            if self.known is not None and key != ANY and key not in kinds and key not in self.known.actions:
                self._unknown_action((group, key), key, kinds)
            found[key] = self._chance(item, (group, key))
        return {key: chance for key, chance in found.items() if chance is not None}

    def wins(self, content: Mapping[str, Any]) -> dict[str, Chance]:
        found = {}
        for key, item in content.items():
            if self.known is not None and not self._precedes(key):
                outcomes = {one for listed in self.known.actions.values() for one in listed}
                words = [*self.known.vocabulary.events, *self.known.ends, *outcomes, SUCCESS, BY_ITSELF]
                if "." in key:
                    words += [f"{name}.{one}" for name, listed in self.known.actions.items() for one in listed]
                self._unknown(("wins", key), "event, outcome or end", key, words)
            found[key] = self._chance(item, ("wins", key))
        return {key: chance for key, chance in found.items() if chance is not None}

    def _precedes(self, key: str) -> bool:
        """Whether a win can come after this."""
        known = self.known
        if known is None or key in (SUCCESS, BY_ITSELF) or key in known.ends or known.vocabulary.event(key) is not None:
            return True
        action, _, outcome = key.rpartition(".")
        if action:
            return outcome in known.actions.get(action, ())
        return any(key in outcomes for outcomes in known.actions.values())

    def happens(self, content: Mapping[str, Any]) -> dict[str, Chance]:
        found = {}
        for name, item in content.items():
            path = ("happens", name)
            if name == "won":
                hint = f"write it under `wins`, as `{BY_ITSELF}`"
                self.findings.add(path, "reserved-event", "a win has a place of its own", hint, on="key")
            elif name.partition(".")[0] in _NOT_BY_ITSELF:
                hint = "delete it: the engine raises it by itself"
                self.findings.add(path, "reserved-event", f"{name} comes from the engine", hint, on="key")
            else:
                self._check_event(path, name)
                found[name] = self._chance(item, path)
        return {key: chance for key, chance in found.items() if chance is not None}

    def _chance(self, item: Any, path: Path) -> Chance | None:
        if not isinstance(item, Mapping):
            item = {"share": item}
        share = self._share(item["share"], (*path, "share") if "median" in item or "p90" in item else path)
        median = self._seconds(item, "median", path)
        p90 = self._seconds(item, "p90", path)
        if share is None or median is None or p90 is None:
            return None
        if "p90" in item and p90 < median:
            message = f"nine of ten come within {item['p90']}, but half of them only within {item['median']}"
            self.findings.add((*path, "p90"), "wrong-value", message, "p90 is the longer of the two")
            return None
        return Chance(share=share, median=median, p90=max(p90, median))

    def _share(self, written: Any, path: Path) -> Share | None:
        low, high = written if isinstance(written, list) else (written, written)
        if low > high:
            self.findings.add(path, "wrong-value", f"the range goes from {low} down to {high}", "swap the two")
            return None
        return Share(low=float(low), high=float(high))

    def _seconds(self, item: Mapping[str, Any], key: str, path: Path) -> float | None:
        """Seconds; 0 where nothing is written, None where it is wrong."""
        if key not in item:
            return 0.0
        try:
            found = parse_duration(item[key])
        except DurationError as error:
            self.findings.add((*path, key), "bad-duration", error.message, error.hint)
            return None
        if found.unit not in SECONDS:
            hint = "write min, h, d, w, mo or y; `within_hours: true` keeps reps to their hours"
            self.findings.add((*path, key), "bad-duration", f"{item[key]} counts business time", hint)
            return None
        return found.amount * SECONDS[found.unit]

    # --- weights -----------------------------------------------------------------------------------------------------

    def outcomes(self, content: Mapping[str, Any]) -> dict[str, Mapping[str, float]]:
        for name, weights in content.items():
            path: Path = ("outcomes", name)
            if not any(weights.values()):
                self.findings.add(path, "wrong-value", "every weight is 0", "give one of them more")
            if self.known is None:
                continue
            if name != ANY and name not in self.known.actions:
                self._unknown(path, "action", name, [*self.known.actions, ANY])
                continue
            own = {one for key, listed in self.known.actions.items() if name in (ANY, key) for one in listed}
            for outcome in weights:
                if outcome not in own:
                    self._unknown((*path, outcome), "outcome", outcome, sorted(own), "unknown-outcome")
        return {name: dict(weights) for name, weights in content.items() if any(weights.values())}

    def fields(self, content: Mapping[str, Any]) -> dict[str, Mapping[str, Mapping[Any, float]]]:
        found: dict[str, Mapping[str, Mapping[Any, float]]] = {}
        for event, said in content.items():
            self._check_event(("fields", event), event)
            read = {name: self._values(event, name, weights) for name, weights in said.items()}
            found[event] = {name: weights for name, weights in read.items() if any(weights.values())}
        return found

    def _values(self, event: str, name: str, weights: Mapping[str, float]) -> dict[Any, float]:
        path: Path = ("fields", event, name)
        if not any(weights.values()):
            self.findings.add(path, "wrong-value", "every weight is 0", "give one of them more")
        kind = (self.known.vocabulary if self.known else Vocabulary(events=BUILT_IN_EVENTS)).event(event)
        declared = kind.fields.get(name) if kind is not None else None
        if self.known is not None and kind is not None and declared is None:
            self._unknown(path, "field of that event", name, list(kind.fields), "unknown-field")
        if declared is not None and declared.values:
            for value in weights:
                if value not in declared.values:
                    self._unknown((*path, value), "value", value, list(declared.values), "unknown-value")
        found: dict[Any, float] = {}
        for written, weight in weights.items():
            value = self._value(declared, written, (*path, written))
            if value is not None:
                found[value] = found.get(value, 0) + weight
        return found

    def _value(self, declared: Field | None, written: str, path: Path) -> Any:
        """A key of YAML as the value that the field has; None where it cannot be one. A list is a tuple here."""
        if declared is None or declared.values:
            return written
        own = Findings()
        found = read_literal(own, Wanted(field=declared, written=True), _plain(declared, written), path)
        if found is not None and declared.type == "zone":
            found = self._zone(own, written, path)
        for one in own.found:
            hint = "write yes or no" if declared.type == "yes_no" else one.hint
            self.findings.add(path, one.rule, one.message, hint, on="key")
        return tuple(found) if isinstance(found, list) else found

    @staticmethod
    def _zone(findings: Findings, written: str, path: Path) -> str | None:
        try:
            return zone(written).key
        except ZoneError as error:
            findings.add(path, "wrong-value", error.message, error.hint)
            return None

    # --- names -------------------------------------------------------------------------------------------------------

    def _check_event(self, path: Path, name: str) -> None:
        if self.known is not None and self.known.vocabulary.event(name) is None:
            self._unknown(path, "event", name, list(self.known.vocabulary.events), "unknown-event")

    def _unknown_action(self, path: Path, name: str, kinds: frozenset[str]) -> None:
        """What nearly is a kind of action is a slip; anything else may be an action of another workspace."""
        if near := nearest(name, sorted(kinds | {ANY})):
            message = f"there is no kind of action {name!r}"
            self.findings.add(path, "unknown-action", message, f"did you mean {near!r}?", on="key")
        else:
            known = self.known.actions if self.known is not None else ()
            self._unknown(path, "action", name, [*known, *kinds, ANY])

    def _unknown(self, path: Path, what: str, name: str, known: Sequence[str], rule: str = "unknown-action") -> None:
        """Only a warning: one behaviour may serve workspaces with other playbooks."""
        hint = did_you_mean(name, known)
        self.findings.add(path, rule, f"there is no {what} {name!r}", hint, on="key", level="warning")


def _plain(declared: Field, written: str) -> Any:
    """What the key would be if it stood as a value: keys of YAML are always texts."""
    if declared.type == "yes_no":
        return _YES_NO.get(written.lower(), written)
    if declared.type == "number" and _NUMBER.fullmatch(written):
        return float(written) if "." in written else int(written)
    return written
