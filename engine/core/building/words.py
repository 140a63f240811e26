"""Names, values, durations and dates as authors write them, resolved once when the playbook is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from engine.core.building.findings import Findings, did_you_mean
from engine.core.building.literals import LISTS, Wanted, check_field, read_literal
from engine.core.dates import parse_date_fact
from engine.core.durations import Duration, DurationError, TimeError, parse_duration
from engine.core.model import Moment, Path
from engine.core.values import FieldRef, Literal, Lookup, Value, as_key
from engine.core.vocabulary import EventKind, Field, FieldType, Vocabulary

_MOVED = re.compile(r"(\S+)\s+(before|after)\s+(\S+)")
_LOOKS_LIKE_DURATION = re.compile(r"[\d.]")
_LOOKS_LIKE_DATE = re.compile(r"\d{4}-")


@dataclass(slots=True)
class Words:
    """What is known while a playbook is built: its vocabulary (facts included), its parameters, the findings so far.

    `event` is the event of the transition being read, for `event.FIELD`. `used` collects the fields that are read.
    """

    vocabulary: Vocabulary
    params: Mapping[str, Any] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    event: EventKind | None = None
    used_params: set[str] = field(default_factory=set)
    used: dict[str, Field] = field(default_factory=dict)
    place: int = 0
    inside: list[str] = field(default_factory=list)  # the parameters that are being read, the outermost first

    def next_place(self) -> int:
        self.place += 1
        return self.place

    def name(self, name: str, path: Path) -> Field:
        """The field that `name` means; an unknown one is a finding, and a field of unknown type goes on."""
        found = self._event_field(name) if name.startswith("event.") else self.vocabulary.find(name)
        if found is None and name in self.params:
            self.used_params.add(name)
            return Field(name=f"params.{name}", type=_type_of(self.params[name]))
        if found is None:
            hint = did_you_mean(name, [*self.vocabulary.names(), *self.params])
            self.findings.add(path, "unknown-field", f"there is no field {name!r}", hint, on="key")
            return Field(name=name, type="unknown")
        self.used[found.name] = found
        return found

    def _event_field(self, name: str) -> Field | None:
        bare = name.partition(".")[2]
        if bare in ("name", "by", "contact", "deal"):
            return Field(name=name, type="text")
        if bare == "at":
            return Field(name=name, type="date")
        kinds = [self.event] if self.event is not None else list(self.vocabulary.events.values())
        for kind in kinds:
            if bare in kind.fields:
                declared = kind.fields[bare]
                return Field(name=name, type=declared.type, values=declared.values, currency=declared.currency)
        return None

    # --- values ---------------------------------------------------------------------------------------------------

    def value(self, content: Any, path: Path, wanted: Wanted | None = None) -> Value:
        """A literal, `{field: NAME}` or `{by: NAME, values: …, otherwise: …}`, each read as what it has to fit."""
        if isinstance(content, Mapping) and "field" in content:
            name = str(content["field"])
            if self.is_parameter(name):
                return self._of_parameter(name, ("params", name), lambda item, where: self.value(item, where, wanted))
            found = self.name(name, (*path, "field"))
            if wanted is not None:
                check_field(self.findings, wanted, found, path)
            return FieldRef(name=found.name)
        if isinstance(content, Mapping) and "by" in content:
            return self._lookup(content, path, lambda item, where: self._literal(item, where, wanted))
        return Literal(content=self._literal(content, path, wanted))

    def _literal(self, content: Any, path: Path, wanted: Wanted | None) -> Any:
        if wanted is None:
            return tuple(content) if isinstance(content, list) else content
        items = content if isinstance(content, list) else [content]
        name = self.inside[-1] if self.inside else ""
        read = [read_literal(self.findings, wanted, item, path, name) for item in items]
        return tuple(read) if isinstance(content, list) or wanted.operator in LISTS else read[0]

    def is_parameter(self, name: str) -> bool:
        return name in self.params and self.vocabulary.find(name) is None

    def _of_parameter(self, name: str, path: Path, read: Callable[[Any, Path], Value]) -> Value:
        """The value of a parameter as it is read where it is used; what is wrong with it is told at `path`."""
        self.used_params.add(name)
        if name in self.inside:
            message = f"the parameter {name!r} stands for itself"
            self.findings.add(("params", self.inside[0]), "parameter-loop", message, "write the value")
            return Literal(content=None)
        with self._reading(name):
            return read(self.params[name], path)

    @contextmanager
    def _reading(self, name: str) -> Iterator[None]:
        self.inside.append(name)
        try:
            yield
        finally:
            self.inside.pop()

    def optional(self, content: Mapping[str, Any], key: str, path: Path) -> Value | None:
        return self.value(content[key], (*path, key)) if content.get(key) is not None else None

    def _lookup(self, content: Mapping[str, Any], path: Path, read: Any) -> Lookup:
        by = self.name(str(content["by"]), (*path, "by"))
        values = {as_key(key): read(item, (*path, "values", key)) for key, item in content.get("values", {}).items()}
        if "otherwise" not in content:
            self.findings.add(
                path, "lookup-without-otherwise", f"what if {content['by']} is none of these?", "add `otherwise:`"
            )
        self._check_keys(by, values, path)
        otherwise = content.get("otherwise")
        return Lookup(
            by=by.name,
            values=values,
            otherwise=read(otherwise, (*path, "otherwise")) if otherwise is not None else None,
        )

    def _check_keys(self, by: Field, values: Mapping[str, Any], path: Path) -> None:
        for key in values:
            if by.type == "choice" and by.values and key not in by.values:
                hint = did_you_mean(key, by.values)
                self.findings.add(
                    (*path, "values", key), "unknown-value", f"{by.bare} is never {key!r}", hint, on="key"
                )

    # --- durations ------------------------------------------------------------------------------------------------

    def duration(self, content: Any, path: Path) -> Value:
        """A duration, a lookup of durations, or the bare name of a parameter or field that holds one."""
        if isinstance(content, Mapping):
            return self._lookup(content, path, self.plain_duration) if "by" in content else self._named(content, path)
        text = str(content)
        if _LOOKS_LIKE_DURATION.match(text):
            return Literal(content=self.plain_duration(text, path))
        if text in self.params:
            return self._of_parameter(text, path, self.duration)
        found = self.vocabulary.find(text)
        if found is None:
            hint = did_you_mean(text, self.params) or "write a duration like 3bd, or the name of a parameter"
            self.findings.add(path, "unknown-parameter", f"there is no parameter {text!r}", hint)
            return Literal(content=None)
        if found.type not in ("duration", "unknown"):
            self.findings.add(path, "wrong-type", f"{text} is no duration but a {found.type}")
        return FieldRef(name=found.name)

    def _named(self, content: Mapping[str, Any], path: Path) -> Value:
        """`{field: NAME}` where a duration belongs."""
        name = str(content["field"])
        if self.is_parameter(name):
            return self._of_parameter(name, ("params", name), self.duration)
        return self.value(content, path, Wanted(field=Field(name="what stands here", type="duration")))

    def plain_duration(self, text: Any, path: Path) -> Duration | None:
        """A duration as written; what is none is a finding."""
        try:
            return parse_duration(str(text))
        except DurationError as error:
            self.findings.add(path, "bad-duration", error.message, error.hint)
            return None

    # --- dates ----------------------------------------------------------------------------------------------------

    def is_moment(self, content: Any) -> bool:
        """Whether a `due` is a date (moved or not) and not a delay."""
        text = str(content)
        if isinstance(content, Mapping) or text in self.params:
            return False
        if _MOVED.fullmatch(text) or _LOOKS_LIKE_DATE.match(text):
            return True
        found = None if _LOOKS_LIKE_DURATION.match(text) else self.vocabulary.find(text)
        return found is not None and found.type == "date"

    def moment(self, content: Any, path: Path) -> Moment:
        """`DATE`, `60d before DATE` or `4w after DATE`."""
        text = str(content)
        moved = _MOVED.fullmatch(text)
        if moved is None:
            return Moment(date=self._date(text, path), text=text)
        offset = self.duration(moved[1], path)
        return Moment(date=self._date(moved[3], path), offset=offset, sign=-1 if moved[2] == "before" else 1, text=text)

    def _date_of(self, content: Any, path: Path) -> Value:
        """The date that a parameter says, or that it says for this deal."""
        if isinstance(content, Mapping):
            return self.value(content, path, Wanted(field=Field(name="what stands here", type="date")))
        return self._date(str(content), path)

    def _date(self, text: str, path: Path) -> Value:
        if _LOOKS_LIKE_DATE.match(text):
            try:
                parse_date_fact(text)
            except TimeError as error:
                self.findings.add(path, "bad-date", error.message, error.hint)
            return Literal(content=text)
        if text in self.params:
            return self._of_parameter(text, path, self._date_of)
        found = self._event_field(text) if text.startswith("event.") else self.vocabulary.find(text)
        if found is None:
            dates = [
                name
                for name in self.vocabulary.names()
                if (known := self.vocabulary.find(name)) and known.type == "date"
            ]
            self.findings.add(path, "unknown-field", f"there is no date {text!r}", did_you_mean(text, dates))
            return Literal(content=None)
        if found.type not in ("date", "unknown"):
            self.findings.add(path, "wrong-type", f"{text} is no date but a {found.type}")
        self.used[found.name] = found
        return FieldRef(name=found.name)


def _type_of(content: Any) -> FieldType:
    """The type of a parameter; "unknown" where it may be a date or a duration, or differs by deal."""
    if isinstance(content, bool):
        return "yes_no"
    if isinstance(content, (int, float)):
        return "number"
    return "text" if isinstance(content, str) and not _LOOKS_LIKE_DURATION.match(content) else "unknown"
