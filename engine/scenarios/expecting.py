"""What an `expect` asks, one function for each key. Each returns the difference, or None where it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from engine.core.foresee import next_transitions
from engine.core.rendering import shown
from engine.core.step import Step as EngineStep
from engine.core.zones import local_date, to_local
from engine.runner.why import HORIZON
from engine.scenarios import facts
from engine.scenarios.happened import deeds, meant
from engine.scenarios.model import Difference, Step, Unmet
from engine.scenarios.playing import Play
from engine.store.base import ActionRow

Asked: TypeAlias = Callable[[Play, Any], Difference | None]


def expect(play: Play, step: Step) -> None:
    """Everything that the step expects, or Unmet with every difference."""
    found = [ASK[key](play, said) for key, said in step.said["expect"].items()]
    differences = [each for each in found if each is not None]
    if differences:
        raise Unmet("expected otherwise: " + ", ".join(each.about for each in differences), differences=differences)


def never_after_all(play: Play, step: Step) -> None:
    """At the end of the scenario: what `never` ruled out has not happened since either."""
    difference = never(play, step.said["expect"]["never"])
    if difference is not None:
        raise Unmet("expected otherwise: never, until the end of the scenario", differences=[difference])


# --- what is due, and where the deal stands -------------------------------------------------------------------------


def due(play: Play, said: Sequence[str]) -> Difference | None:
    found = sorted(row.name for row in play.store.open_actions(deal=play.export.deal))
    if sorted(said) == found:
        return None
    missing = sorted(set(said) - set(found))
    beyond = sorted(set(found) - set(said))
    more = [f"missing: {', '.join(missing)}"] if missing else []
    more += [f"not expected: {', '.join(beyond)}"] if beyond else []
    return Difference(about="due", expected=_listed(sorted(said)), seen=_listed(found), more=tuple(more))


def state(play: Play, said: str | Mapping[str, str]) -> Difference | None:
    """One state, or one by track; of a finished track its end."""
    enrolment = play.enrolment
    if enrolment is None:
        return Difference(about="state", expected=_words(said), seen="no playbook follows the deal")
    standing = {here.track: here.finished or here.state for here in enrolment.positions}
    wanted = said if isinstance(said, Mapping) else dict.fromkeys(list(standing)[:1], said)
    ended = f" (ended: {enrolment.end})" if enrolment.end else ""
    if not ended and all(standing.get(track) == name for track, name in wanted.items()):
        return None
    found = standing if isinstance(said, Mapping) else next(iter(standing.values()), "")
    return Difference(about="state", expected=_words(said), seen=f"{_words(found)}{ended}")


def ended(play: Play, said: str) -> Difference | None:
    enrolment = play.enrolment
    end = enrolment.end if enrolment else ""
    return None if end == said else Difference(about="ended", expected=said, seen=end or _running(play))


def is_open(play: Play, said: bool) -> Difference | None:
    enrolment = play.enrolment
    running = enrolment is not None and enrolment.open
    seen = _running(play) if enrolment is None or running else f"ended: {enrolment.end}"
    return None if running is said else Difference(about="open", expected=_words(said), seen=seen)


def enrolled(play: Play, said: bool) -> Difference | None:
    found = play.enrolment is not None
    return None if found is said else Difference(about="enrolled", expected=_words(said), seen=_words(found))


def paused(play: Play, said: bool) -> Difference | None:
    found = play.enrolment is not None and play.enrolment.paused is not None
    return None if found is said else Difference(about="paused", expected=_words(said), seen=_words(found))


def _running(play: Play) -> str:
    enrolment = play.enrolment
    if enrolment is None:
        return "no playbook follows the deal"
    return "still open, in " + ", ".join(here.finished or here.state for here in enrolment.positions)


# --- what has happened ----------------------------------------------------------------------------------------------


def happened(play: Play, said: Sequence[str]) -> Difference | None:
    known = deeds(play.histories())
    lacking = [name for name in said if meant(name, play.bench.playbook) not in known]
    if not lacking:
        return None
    return Difference(about="happened", expected=_listed(said), seen=f"has not happened: {', '.join(lacking)}")


def never(play: Play, said: Sequence[str]) -> Difference | None:
    known = deeds(play.histories())
    found = [(name, known.get(meant(name, play.bench.playbook) or ("", ""))) for name in said]
    told = [f"{name} on {play.words(at)}" for name, at in found if at is not None]
    return Difference(about="never", expected=f"never {', '.join(said)}", seen=", ".join(told)) if told else None


# --- values ---------------------------------------------------------------------------------------------------------


def fact_values(play: Play, said: Mapping[str, Any]) -> Difference | None:
    wrong: list[tuple[str, Any, Any]] = []
    for name, value in said.items():
        field = facts.declared(name, play.bench.playbook, play.bench.world)
        if field is None:
            raise Unmet(f"there is no field {name!r}")
        expected, found = facts.wanted(field, value, play.bench.world), facts.seen(play, field)
        if not facts.same(play, field, expected, found):
            wrong.append((name, expected, found))
    if not wrong:
        return None
    return Difference(
        about="facts",
        expected=", ".join(f"{name}: {_words(expected)}" for name, expected, _ in wrong),
        seen=", ".join(f"{name}: {_words(found)}" for name, _, found in wrong),
    )


def next_step(play: Play, said: str | Mapping[str, str]) -> Difference | None:
    """The next transition if nobody does anything: when (`on` a day, `at` a time), and `to` which state or end."""
    coming = _coming(play)
    if said == "nothing":
        return None if coming is None else Difference(about="next", expected="nothing", seen=_told(play, coming))
    assert isinstance(said, Mapping)
    expected = " ".join(f"{key} {value}" for key, value in said.items())
    if coming is None:
        return Difference(about="next", expected=expected, seen="nothing: only an event moves it")
    fits = (
        ("on" not in said or _day(play, coming.at) == said["on"])
        and ("at" not in said or play.instant(said["at"]) == coming.at)
        and ("to" not in said or said["to"] in _targets(coming))
    )
    return None if fits else Difference(about="next", expected=expected, seen=_told(play, coming))


def _coming(play: Play) -> EngineStep | None:
    enrolment = play.enrolment
    if enrolment is None:
        return None
    found = next_transitions(play.bench.world, play.bench.shelf, play.account(), play.now + HORIZON)
    return found.get(enrolment.id)


def _targets(coming: EngineStep) -> list[str]:
    states = [str(line[2]) for line in coming.did if line[0] in ("entered", "finished")]
    return [*states, coming.after.end] if coming.after.end else states


def _told(play: Play, coming: EngineStep) -> str:
    when = to_local(coming.at, play.view().zone_of()).strftime("%Y-%m-%dT%H:%M")
    targets = _targets(coming)
    return f"at {when}" + (f" to {', '.join(targets)}" if targets else "")


def _day(play: Play, instant: int) -> str:
    return to_local(instant, play.view().zone_of()).date().isoformat()


# --- actions --------------------------------------------------------------------------------------------------------


def assignee(play: Play, said: Mapping[str, str]) -> Difference | None:
    """A person, or as in `assign` owner, manager or a role: whoever that is for this deal, or stands in for them."""
    roster, view = play.bench.world.roster, play.view()
    here = local_date(play.now, view.zone_of())
    meant = {}
    for name, who in said.items():
        is_role = who not in roster.people and roster.knows(who)
        person = roster.resolve(who, lambda field: view.value(f"deal.{field}", "")) if is_role else who
        rows = play.rows(name)
        stands_in = is_role and bool(rows) and rows[-1].assignee == roster.present(person, here)
        meant[name] = rows[-1].assignee if stands_in else person
    return _of_actions(play, "assignee", meant, lambda row: row.assignee)


def contact(play: Play, said: Mapping[str, str]) -> Difference | None:
    return _of_actions(play, "contact", said, lambda row: row.contact)


def kind(play: Play, said: Mapping[str, str]) -> Difference | None:
    return _of_actions(play, "kind", said, lambda row: row.kind)


def _of_actions(play: Play, about: str, said: Mapping[str, str], read: Callable[[ActionRow], str]) -> Difference | None:
    found = {name: read(rows[-1]) if (rows := play.rows(name)) else "not handed out yet" for name in said}
    wrong = {name: value for name, value in found.items() if value != said[name]}
    if not wrong:
        return None
    return Difference(about=about, expected=_words({name: said[name] for name in wrong}), seen=_words(wrong))


def text(play: Play, said: Mapping[str, Mapping[str, Any]]) -> Difference | None:
    """`contains` and `lacks`: in the title or text with which the action was handed out."""
    for name, wanted in said.items():
        rows = play.rows(name)
        if not rows:
            return Difference(about="text", expected=f"{name} with its text", seen="not handed out yet")
        whole = f"{rows[-1].title}\n{rows[-1].text}"
        for word, there in ((word, key == "contains") for key in wanted for word in _as_list(wanted[key])):
            if (str(word) in whole) is not there:
                expected = f"{name} {'contains' if there else 'lacks'} {word!r}"
                lines = tuple(f"  | {line}" for line in whole.strip().splitlines()[:20])
                return Difference(about="text", expected=expected, seen=f"{name} reads:", more=lines)
    return None


# --- words ----------------------------------------------------------------------------------------------------------


def _as_list(said: Any) -> list[Any]:
    return list(said) if isinstance(said, (list, tuple)) else [said]


def _listed(found: Sequence[str]) -> str:
    return ", ".join(found) or "nothing"


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_words(item)}" for name, item in value.items())
    if value is None or value == "":
        return "nothing"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(shown(value))


ASK: Mapping[str, Asked] = {
    "due": due, "state": state, "ended": ended, "open": is_open, "enrolled": enrolled, "paused": paused,
    "happened": happened, "never": never, "facts": fact_values, "next": next_step, "assignee": assignee,
    "contact": contact, "kind": kind, "text": text,
}  # fmt: skip
