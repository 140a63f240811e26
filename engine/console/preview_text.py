"""A preview as text: the calendar day by day, then each branch as an indented tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.console.telling import Telling
from engine.core.durations import Instant
from engine.core.plural import count
from engine.core.preview.model import Branch, Calendar, HandedOut, Happening, Lap, Place, Preview, Totals
from engine.core.rendering import shown

Local = Callable[[Instant, str], str]  # an instant on the wall, in a strftime pattern

_DAY, _TIME, _DATE = "%a %Y-%m-%d", "%H:%M", "%Y-%m-%d"
_SECONDS = 86_400  # of a day
# From so many days on a length is told in this unit, which has so many days.
_UNITS = ((75, 30.44, "month"), (14, 7, "week"), (0, 1, "day"))


@dataclass(kw_only=True, slots=True)
class PreviewText:
    """Tells one preview. `opening`: what happens at the start itself, before anything else."""

    telling: Telling
    local: Local
    opening: Sequence[str]

    def lines(self, preview: Preview) -> Iterator[str]:
        yield "If nobody answers and nothing happens"
        yield from self._calendar(preview.calendar)
        yield ""
        yield f"In all, up to {self.local(preview.calendar.until, _DATE)}: {totals_words(preview.calendar.totals)}"
        if preview.places:
            yield ""
            yield "What each event would lead to, and what comes next then if nothing else happens"
            for place in preview.places:
                yield from self._place(place, 1)
        if preview.general:
            yield "  in every state"
            for branch in preview.general:
                yield f"    {told_words(branch)} → {self._result(branch)}{self._release(branch)}"

    # --- the calendar ------------------------------------------------------------------------------------------------

    def _calendar(self, calendar: Calendar) -> Iterator[str]:
        told = [(calendar.start, line) for line in self.opening]
        told += [(calendar.start, self._in_hand(one)) for one in calendar.in_hand]
        for one in calendar.happenings:
            if calendar.lap is not None and one is _first_of(calendar, calendar.lap):
                told.append((one.at, "\0"))
            told.append((one.at, self._happening(one)))
        for day, listed in groupby(told, key=lambda pair: self.local(pair[0], _DAY)):
            yield f"  {day}"
            for at, line in listed:
                mark = "— from here it repeats —" if line == "\0" else line
                yield f"    {self.local(at, _TIME)}  {mark}"
        yield f"  {self.close_words(calendar)}"

    def _in_hand(self, one: Happening) -> str:
        return f"open since {self.local(one.at, f'{_DATE} {_TIME}')}: {self._happening(one)}"

    def _happening(self, one: Happening) -> str:
        if one.handed is not None:
            return self._handed_out(one.handed)
        line = self.telling.line(one.line)
        if one.kind == "took" and len(self.telling.playbook.tracks) > 1:
            return f"{one.line[1]}: {line}"
        return f"it ends: {one.line[1]}" if one.kind == "ended" else line

    def _handed_out(self, handed: HandedOut) -> str:
        whom = f" to {self.telling.contact(handed.contact)}" if handed.facing and handed.contact else ""
        minutes = f", {shown_minutes(handed.minutes)}" if handed.minutes else ""
        return f"{handed.kind}{whom}: {handed.title} [{handed.name}], for {handed.assignee or 'nobody'}{minutes}"

    def close_words(self, calendar: Calendar) -> str:
        """How the calendar goes on behind its last line."""
        end = f"it ends: {calendar.end}" if calendar.end else ""
        when = self.local(calendar.ends_at, _DATE) if calendar.ends_at is not None else ""
        if calendar.lap is not None:
            lap = calendar.lap
            again = f"From the mark on it repeats {every_words(lap.seconds)}"
            if lap.over_at is None:
                return f"{again}, and does not end by itself"
            times = count(lap.times, "more time")
            if end and lap.over_at == calendar.ends_at:
                return f"{again}, {times}; on {when} {end}"
            return f"{again}, {times}, until {self.local(lap.over_at, _DATE)}" + (f"; on {when} {end}" if end else "")
        if calendar.close == "ends":
            return "That is all."
        if calendar.close == "waits":
            return "From here nothing happens by itself: it waits for an event"
        cut = f"Not shown: what comes after {self.local(calendar.until, _DATE)} (--weeks shows more)"
        return f"{cut}; on {when} {end}" if end else cut

    # --- the branches ------------------------------------------------------------------------------------------------

    def _place(self, place: Place, depth: int) -> Iterator[str]:
        track = f"{place.track}: " if len(self.telling.playbook.tracks) > 1 else ""
        paused = f", {paused_words(place.paused)}" if place.paused else ""
        yield f"{'  ' * depth}{track}{place.state}{paused} (on {self.local(place.at, _DAY)})"
        if not place.branches:
            yield f"{'  ' * (depth + 1)}only time moves it"
        for branch in place.branches:
            yield from self._branch(branch, depth + 1)

    def _branch(self, branch: Branch, depth: int) -> Iterator[str]:
        yield f"{'  ' * depth}{told_words(branch)} → {self._result(branch)}{self._then(branch)}"
        for place in branch.places:
            yield from self._place(place, depth + 1)

    def _then(self, branch: Branch) -> str:
        if branch.end or (branch.finished and not branch.states):
            return ""
        if branch.paused:
            return self._release(branch)
        if branch.then is None:
            return "; then it waits for an event"
        at = "at once" if branch.then.at == branch.at else f"on {self.local(branch.then.at, f'{_DAY} {_TIME}')}"
        return f"; then {at}: {self._short(branch.then)}"

    def _short(self, one: Happening) -> str:
        if one.handed is not None:
            return f"{one.handed.kind} {one.handed.name}"
        return self.telling.transition(one.line[3]) if one.kind == "took" else self._happening(one)

    def _without_move(self, branch: Branch) -> str:
        if branch.released:
            return "it goes on where it stopped"
        return "stays" if branch.taken else "changes nothing here"

    def _release(self, branch: Branch) -> str:
        """The longest that a pause lasts, counted from this day."""
        if not branch.paused or branch.then is None or branch.then.kind != "released":
            return ""
        return f", or for {length_words(branch.then.at - branch.at)}"

    def _result(self, branch: Branch) -> str:
        if branch.end:
            return f"it ends: {branch.end}"
        if branch.paused:
            return f"everything pauses until {branch.paused}"
        many = len(self.telling.playbook.tracks) > 1
        parts = [f"{track}: {state}" if many else state for track, state in branch.states]
        parts += [f"{track} is finished ({end})" for track, end in branch.finished]
        return ", ".join(parts) or self._without_move(branch)


def _first_of(calendar: Calendar, lap: Lap) -> Happening | None:
    return next((one for one in calendar.happenings if one.at >= lap.begins), None)


def paused_words(until: str) -> str:
    """A person's pause waits for no event of the playbook."""
    return "paused until it is released" if until == "command.release" else f"paused until {until}"


def told_words(branch: Branch) -> str:
    """`reply (answer: wants_to_talk)`"""
    said = ", ".join(f"{name}: {_plain(value)}" for name, value in branch.told.fields.items())
    return f"{branch.told.name} ({said})" if said else branch.told.name


def _plain(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(shown(value))


def length_words(seconds: int) -> str:
    """`about 4 months`, `5 weeks`, `3 days`, `6 hours`."""
    days = seconds / _SECONDS
    if days < 1:
        return count(max(1, round(seconds / 3600)), "hour")
    _, size, unit = next(one for one in _UNITS if days >= one[0])
    number = round(days / size)
    exact = abs(number * size - days) < 0.1
    return count(number, unit) if exact else f"about {count(number, unit)}"


def every_words(seconds: int) -> str:
    """`about every 4 months`, `every 2 weeks`, `every day`."""
    words = length_words(seconds)
    about, exact = ("about ", words.removeprefix("about ")) if words.startswith("about ") else ("", words)
    return f"{about}every {exact.removeprefix('1 ')}"


def shown_minutes(minutes: float) -> str:
    """`90 min`"""
    return f"{minutes:g} min"


def totals_words(totals: Totals) -> str:
    """`2 × call, 1 × task; 35 min; 2 touches of the customer, at least 5 days apart`"""
    kinds = ", ".join(f"{number:,} × {kind}" for kind, number in totals.actions.items()) or "nothing to do"
    touches = f"{count(totals.touches, 'touch', 'touches')} of the customer"
    apart = f", at least {length_words(totals.gap)} apart" if totals.gap is not None else ""
    return f"{kinds}; {shown_minutes(totals.minutes)}; {touches}{apart}"
