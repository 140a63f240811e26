"""What every event that a state listens to would lead to: recorded on a copy, played with the real step."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from engine.core.answering import is_answers
from engine.core.enrolment import Event, OpenAction, Position
from engine.core.model import CLOSINGS, OnEvent, Transition
from engine.core.preview.calendar import HORIZON
from engine.core.preview.model import Branch, Happening, Place, Told
from engine.core.preview.playing import Playing
from engine.core.preview.sample import sample_value
from engine.core.preview.wishes import Wishing
from engine.core.view import View
from engine.core.vocabulary import Field

_DATED = frozenset({"took", "due", "remind", "escalate", "closed", "finished"})  # of a track
_RELEASE = "command.release"  # what ends a pause that a person ordered
_LOOKED = 40  # instants played to reach the first hand-out of a state


@dataclass(kw_only=True, slots=True)
class Visit:
    """One state as it was met: `stand` at its first hand-out (without any: at its entry), and at each action's."""

    position: Position
    stand: Playing
    paused: str = ""  # until which event
    actions: dict[str, Playing] = field(default_factory=dict)  # by action id

    @property
    def key(self) -> tuple[str, str]:
        return self.position.track, self.position.state


@dataclass(kw_only=True, slots=True)
class Visits:
    """Watches a deal being played and keeps the first visit of each state."""

    met: dict[tuple[str, str, str], Visit] = field(default_factory=dict)

    def see(self, playing: Playing) -> None:
        standing = playing.standing
        if standing is None:
            return
        for position in standing.positions:
            if position.finished:
                continue
            paused = (standing.paused.until or _RELEASE) if standing.paused is not None else ""
            key = (position.track, position.state, paused)
            visit = self.met.get(key)
            if visit is None:
                visit = self.met[key] = Visit(position=position.copy(), stand=playing.fork(), paused=paused)
            if visit.position.entry == position.entry:
                self._see_actions(visit, playing, standing.actions)

    def _see_actions(self, visit: Visit, playing: Playing, actions: Sequence[OpenAction]) -> None:
        for action in actions:
            if action.status != "due" or action.track != visit.position.track or action.id in visit.actions:
                continue
            if not visit.actions:
                visit.stand = playing.fork()
            visit.actions[action.id] = playing.fork()


@dataclass(kw_only=True, slots=True)
class Branching:
    """Makes the tree. A state is opened once: first those of the main path, then those reached from them."""

    depth: int
    _general: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)
    _opened: set[tuple[str, str]] = field(default_factory=set)

    def tree(self, visits: Visits) -> tuple[tuple[Branch, ...], tuple[Place, ...]]:
        """(what can happen in every state, the states one after the other)."""
        listed = list(visits.met.values()) if self.depth else []
        self._opened.update(visit.key for visit in listed)
        general: list[Branch] = []
        met = [(visit, self._branches(visit, general)) for visit in listed]  # first all of them, then what lies behind
        return tuple(general), tuple(self._place(visit, branches, self.depth) for visit, branches in met)

    def _branches(self, visit: Visit, general: list[Branch] | None) -> list[tuple[Branch, Playing]]:
        """Each event that can come in the visit, with the deal as it stands after it."""
        played = (_play(told, stand, visit.position.track) for told, stand in _tellable(visit))
        return [pair for pair in played if not (pair[0].told.general and self._known(pair[0], general))]

    def _place(self, visit: Visit, branches: Sequence[tuple[Branch, Playing]], depth: int) -> Place:
        grown = tuple(self._grown(branch, after, depth - 1) for branch, after in branches)
        return Place(
            track=visit.position.track,
            state=visit.position.state,
            at=visit.stand.now,
            paused=visit.paused,
            branches=grown,
        )

    def _known(self, branch: Branch, general: list[Branch] | None) -> bool:
        """What is the same in every state is told once."""
        key = (branch.told.name, repr(sorted(branch.told.fields.items())))
        outcome = (branch.states, branch.end, branch.finished, branch.paused, branch.taken)
        if key not in self._general and general is not None and not branch.states:
            self._general[key] = outcome
            general.append(branch)
        return self._general.get(key) == outcome

    def _grown(self, branch: Branch, after: Playing, depth: int) -> Branch:
        """With the states that it leads to, as far as they are opened nowhere else."""
        fresh = [key for key in branch.states if key not in self._opened]
        if depth < 1 or not fresh:
            return branch
        self._opened.update(fresh)
        visits = Visits()
        visits.see(after)
        for _ in islice(after.ahead(after.now + HORIZON), 0 if _all_handed_out(after, visits, fresh) else _LOOKED):
            visits.see(after)
            if _all_handed_out(after, visits, fresh):
                break
        met = [visit for visit in visits.met.values() if visit.key in fresh]
        opened = [self._place(visit, self._branches(visit, None), depth) for visit in met]
        return replace(branch, places=tuple(opened))


def _all_handed_out(playing: Playing, visits: Visits, keys: Sequence[tuple[str, str]]) -> bool:
    """Whether the states have been left, or have nothing more to hand out."""
    standing = playing.standing
    if standing is None:
        return True
    here = {(one.track, one.state, one.entry) for one in standing.positions}
    waiting = {one.track for one in standing.actions if one.status == "planned"}
    met = [visit.position for visit in visits.met.values() if visit.key in keys]
    return not any((one.track, one.state, one.entry) in here and one.track in waiting for one in met)


# --- which events ---------------------------------------------------------------------------------------------------


def _tellable(visit: Visit) -> Iterator[tuple[Told, Playing]]:
    """The outcomes of the actions handed out in the visit, then what the state and its surroundings listen to."""
    seen: set[tuple[str, str]] = set()
    for told, stand in (*_outcomes(visit), *_listened(visit)):
        key = (told.name, repr(sorted(told.fields.items())))
        if key not in seen:
            seen.add(key)
            yield told, stand


def _outcomes(visit: Visit) -> Iterator[tuple[Told, Playing]]:
    for identity, stand in visit.actions.items():
        standing = stand.standing
        name = next(one.name for one in standing.actions if one.id == identity) if standing is not None else ""
        for outcome in stand.playbook.action(name).outcomes:
            yield Told(name=f"{name}.{outcome}", action=name), stand


def _listened(visit: Visit) -> Iterator[tuple[Told, Playing]]:
    stand, position = visit.stand, visit.position
    playbook, standing = stand.playbook, stand.standing
    track = playbook.tracks[position.track]
    if standing is not None and standing.paused is not None and standing.paused.until not in ("", _RELEASE):
        yield Told(name=standing.paused.until), stand
    own = track.states[position.state].transitions if position.state in track.states else ()
    for general, listed in ((False, own), (True, (*track.anywhere, *playbook.anywhere))):
        for transition in listed:
            yield from ((told, stand) for told in _events(transition, stand, general=general))


def _events(transition: Transition, stand: Playing, *, general: bool) -> Iterator[Told]:
    """The event that the transition waits for, with the fields that its guard asks for."""
    if not isinstance(transition.cause, OnEvent) or transition.cause.name == "all_closed":
        return
    name = _member(transition.cause, stand)
    head, dot, outcome = name.partition(".")
    if dot and stand.playbook.has_action(head):
        if outcome == "skipped" and not general:
            yield Told(name=name, action=head)
        return
    kind = stand.world.vocabulary.event(name)
    deal = stand.account.deals[stand.deal]

    def value(wanted: str) -> Any:
        declared: Field | None = kind.fields.get(wanted.partition(".")[2]) if kind is not None else None
        return sample_value(declared, wanted, deal, stand.world)

    view = View(stand.world, stand.account, deal, stand.playbook, stand.now)
    wish = next(Wishing(view=view, sample=value).wishes(transition.condition), None)
    wanted = wish.values if wish is not None else {}
    fields = {key.partition(".")[2]: item for key, item in wanted.items() if key.startswith("event.")}
    yield Told(
        name=name, fields={key: item for key, item in fields.items() if item is not None}, general=general
    )  # fmt: skip


def _member(cause: OnEvent, stand: Playing) -> str:
    """Of a family the member that is declared first."""
    declared = stand.world.vocabulary.events
    if cause.name in declared:
        return cause.name
    return next((name for name in declared if cause.takes(name)), cause.name)


# --- playing one ----------------------------------------------------------------------------------------------------


def _play(told: Told, stand: Playing, track: str) -> tuple[Branch, Playing]:
    """Record the event on a copy; `track` is the one whose state listens."""
    playing = stand.fork()
    was = playing.standing
    before = {one.track: one.entry for one in was.positions} if was is not None else {}
    paused_before = was is not None and was.paused is not None
    happened = playing.tell(_event(told, playing))
    end = next((str(one.line[1]) for one in happened if one.kind == "ended"), "")
    standing = playing.standing
    positions = standing.positions if standing is not None else []
    states = tuple(
        (one.track, one.state) for one in positions if not one.finished and before.get(one.track) != one.entry
    )
    branch = Branch(
        told=told, at=playing.now, end=end, states=states,
        finished=tuple((str(one.line[1]), str(one.line[2])) for one in happened if one.kind == "finished"),
        paused=standing.paused.until if standing is not None and standing.paused and not paused_before else "",
        released=any(one.kind == "released" for one in happened),
        taken=any(one.kind != "not planned" for one in happened),
        then=_first(happened, playing.fork(), {one for one, _ in states} or {track}),
    )  # fmt: skip
    return branch, playing


def _event(told: Told, playing: Playing) -> Event:
    standing = playing.standing
    deal = playing.account.deals[playing.deal]
    contact = deal.contacts[0][0] if deal.contacts else ""
    fields = dict(told.fields)
    if is_answers(told.name):
        fields = {"questionnaire": told.name.partition(".")[2], "answers": {}, **fields}
    if not told.action or standing is None:
        return Event(told.name, playing.now, deal=deal.id, contact=contact, by=_owner(playing), fields=fields)
    action = next((one for one in standing.actions if one.name == told.action and one.status == "due"), None)
    if told.name.partition(".")[2] in CLOSINGS:
        fields = {"reason": "preview"}
    return Event(
        told.name, playing.now, deal=deal.id, contact=action.contact if action else contact, enrolment=standing.id,
        action=action.id if action else "", by=action.assignee if action else _owner(playing), fields=fields,
    )  # fmt: skip


def _owner(playing: Playing) -> str:
    return str(playing.account.deals[playing.deal].fields.get("owner") or "")


def _first(happened: Sequence[Happening], playing: Playing, tracks: Collection[str]) -> Happening | None:
    """The next thing with a date in these tracks: what is handed out at once, else what comes by itself."""
    of_track = {
        action.name: track.name
        for track in playing.playbook.tracks.values()
        for state in track.states.values()
        for action in state.actions
    }

    def concerns(one: Happening) -> bool:
        if one.kind in ("ended", "released"):
            return True
        where = str(one.line[1]) if one.kind in ("took", "finished") else of_track.get(str(one.line[1]), "")
        return one.kind in _DATED and (where in tracks or where == "")

    at_once = next((one for one in happened if one.kind == "due" and concerns(one)), None)
    if at_once is not None:
        return at_once
    later = (one for listed in playing.ahead(playing.now + HORIZON) for one in listed if concerns(one))
    return next(later, None)
