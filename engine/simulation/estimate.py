"""A fast estimate beside the simulation, for designing experiments: replies, opt-outs, wins and actions, in numpy.

It holds for playbooks that end with the first reply and with an opt-out, whatever state they are in. The real step
plays each deal with reps who do as they do and customers who stay silent: that is the plan of its touches. All
else is drawn for many replicates at once. Since reps have luck too, that is done several times, and replicates take
turns with the plans. Work by person and week, ends and touches per contact are not estimated.

That both ways agree within three standard errors is tested (tests/simulation/test_estimate.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.core.model import CUSTOMER_KINDS, NOT_DONE, End, OnEvent, Playbook
from engine.core.step import Step
from engine.core.vocabulary import BUILT_IN_EVENTS
from engine.experiments.statistics.recursion import LibraryMissing
from engine.simulation.behaviour import BY_ITSELF, SUCCESS, Behaviour, Chance, Drawn, Share, chosen
from engine.simulation.living import Life
from engine.simulation.question import Simulation, Subject
from engine.simulation.stage import Stage
from engine.simulation.tally import WON, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEVER = 1e15  # seconds
_NOTHING = Drawn(0.0, 0.0, 0.0)


class NotEstimable(Exception):
    """The playbook or the behaviour has not the shape that can be estimated; `message` says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, kw_only=True, slots=True)
class _Planned:
    """What happens to one deal while its customer is silent. Instants; rising."""

    start: int
    until: int
    touches: tuple[tuple[int, str, str], ...]  # (when it was done, name, kind)
    triggers: tuple[tuple[int, str], ...]  # what a win may follow: (when, key)
    handed: tuple[tuple[int, str, str, int], ...]  # (when, name, kind, minutes)
    ended: float


def estimated(question: Simulation, plans: int = 5) -> list[list[Tally]]:
    """As `played_out`, by replicate and playbook, with `replies` counting only the first of each deal.

    Replicate n goes by plan n modulo `plans`.

    Raises NotEstimable, and LibraryMissing without numpy.
    """
    try:
        import numpy
    except ImportError:
        raise LibraryMissing from None
    question = _without_the_unheard(question)
    _check(question)
    stage = Stage.of(question)
    made = [_plans(stage, number) for number in range(min(plans, question.replicates))]
    found = []
    for replicate in range(question.replicates):
        drawing = _Drawing(numpy, question, replicate)
        planned = made[replicate % len(made)]
        found.append([drawing.tally(stage, place, one) for place, one in enumerate(planned)])
    return found


# --- what can be estimated ------------------------------------------------------------------------------------------


def _without_the_unheard(question: Simulation) -> Simulation:
    """What `happens` without anybody listening to it changes nothing, and need not be played."""
    happens = {name: one for name, one in question.behaviour.happens.items() if _heard(question, name)}
    return replace(question, behaviour=replace(question.behaviour, happens=happens))


def _heard(question: Simulation, name: str) -> bool:
    """Whether the event may change what is counted: the engine or the behaviour knows it, or a playbook or a metric
    names it or its family."""
    vocabulary, families = question.world.vocabulary, _families(name)
    if families & BUILT_IN_EVENTS.keys() or vocabulary.is_reply(name) or name.startswith("consent."):
        return True
    asked = {*question.behaviour.wins, *(metric.event for metric in question.metrics)}
    texts = [repr(one.playbook) for way in question.ways for one in way.revisions.values()]
    return bool(families & asked) or any(
        re.search(rf"\b{re.escape(one)}\b", text) for one in families for text in texts
    )


def _families(name: str) -> set[str]:
    """`signal.new_leader` and `signal`."""
    parts = name.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}


def _check(question: Simulation) -> None:
    if len(question.ways) > 1:
        raise NotEstimable("several playbooks do not meet the same luck here")
    if question.behaviour.happens:
        names = ", ".join(question.behaviour.happens)
        raise NotEstimable(f"{names}, which `happens` by itself, changes what the playbook does")
    if any(len(subject.starts) > 1 for subject in question.subjects):
        raise NotEstimable("customers with several losses share their limits")
    for way in question.ways:
        for revision in way.revisions.values():
            for event in ("reply", "opted_out"):
                if _end_at(revision.playbook, event) is None:
                    raise NotEstimable(f"{way.name} does not end in every state with {event}")
    for metric in question.metrics:
        if metric.event not in (WON, "reply", "opted_out"):
            raise NotEstimable(f"{metric.event} is neither won, reply nor opted_out")


def _end_at(playbook: Playbook, event: str) -> str | None:
    """How the playbook ends with this event whatever state it is in; None if it does not."""
    listed = [*playbook.anywhere]
    if len(playbook.tracks) == 1:
        listed += next(iter(playbook.tracks.values())).anywhere
    for one in listed:
        if isinstance(one.cause, OnEvent) and one.cause.takes(event) and isinstance(one.target, End):
            return one.target.end if one.certain else None
    return None


# --- the plan -------------------------------------------------------------------------------------------------------


def _plans(stage: Stage, number: int) -> list[_Prepared]:
    """By playbook, with the luck of the replicate of this number."""
    question = stage.question
    return [
        _prepared(stage, [_plan(stage, place, subject, number) for subject in question.subjects])
        for place in range(len(question.ways))
    ]


def _plan(stage: Stage, place: int, subject: Subject, number: int) -> _Planned:
    """One deal played with the real step while its customer is silent."""
    steps: list[Step] = []
    question = stage.question
    silent = _silent(question.behaviour).drawn(question.seed, number)
    life = Life(stage, question.ways[place], subject, silent, number, Tally(), steps.append)
    life.run()
    [start] = subject.starts
    until = stage.until(start.at)
    handed = [
        (step.at, line[1], line[5], life.minutes(step, line[1], line[4]))
        for step in steps
        for line in step.did
        if line[0] == "due" and step.at <= until
    ]
    ended = next((step.at for step in steps for line in step.did if line[0] == "ended"), _NEVER)
    return _Planned(
        start=start.at, until=until, touches=tuple(_touches(steps)), triggers=tuple(_triggers(stage, place, steps)),
        handed=tuple(handed), ended=ended,
    )  # fmt: skip


def _silent(behaviour: Behaviour) -> Behaviour:
    """Reps as they are on average; customers who neither answer nor buy."""
    reps = {
        key: replace(chance, share=Share(low=chance.share.middle, high=chance.share.middle))
        for key, chance in behaviour.reps.items()
    }
    nothing: Mapping[str, Chance] = {}
    return replace(behaviour, reps=reps, replies=nothing, opt_outs=nothing, wins=nothing, happens=nothing)


def _touches(steps: Sequence[Step]) -> Iterator[tuple[int, str, str]]:
    for step, line in _closed(steps):
        kind = next((one.kind for one in step.before.actions if one.id == line[2]), "")
        if kind in CUSTOMER_KINDS:
            yield step.at, line[1], kind


def _triggers(stage: Stage, place: int, steps: Sequence[Step]) -> Iterator[tuple[int, str]]:
    """Outcomes and ends after which a win may come, each key the first time only."""
    wins, met = stage.question.behaviour.wins, set()
    name = stage.question.ways[place].name
    found: list[tuple[int, Sequence[str]]] = [(step.at, (f"{line[1]}.{line[3]}", line[3]))
                                              for step, line in _closed(steps)]  # fmt: skip
    found += [
        (step.at, (line[1], SUCCESS) if line[1] in stage.successes[name] else (line[1],))
        for step in steps
        for line in step.did
        if line[0] == "ended"
    ]
    for at, keys in sorted(found, key=lambda one: one[0]):
        for key in keys:
            if key in wins and key not in met:
                met.add(key)
                yield at, key


def _closed(steps: Sequence[Step]) -> Iterator[tuple[Step, Any]]:
    yield from (
        (step, line) for step in steps for line in step.did if line[0] == "closed" and line[3] not in NOT_DONE
    )  # fmt: skip


# --- the plans of all deals, as arrays ------------------------------------------------------------------------------

_Group: TypeAlias = "tuple[str, str, NDArray[Any], NDArray[Any]]"  # name, kind, places of the deals, instants


@dataclass(frozen=True, kw_only=True, slots=True)
class _Prepared:
    """`items`: what comes first for each deal, then what comes second …, by name and kind ("": a trigger of a win).
    `over`: by metric, from when on an event is too late for each deal."""

    start: NDArray[Any]
    until: NDArray[Any]
    ended: NDArray[Any]
    over: tuple[NDArray[Any], ...]
    items: tuple[tuple[_Group, ...], ...]
    handed: tuple[tuple[_Group, NDArray[Any]], ...]  # with the minutes


def _prepared(stage: Stage, plans: Sequence[_Planned]) -> _Prepared:
    import numpy

    def instants(found: Iterable[float]) -> NDArray[Any]:
        return numpy.array(list(found), dtype=float)

    handed = [(deal, *one) for deal, plan in enumerate(plans) for one in plan.handed]
    minutes: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for _, _, name, kind, lasting in handed:
        minutes[name, kind].append(lasting)
    return _Prepared(
        start=instants(plan.start for plan in plans),
        until=instants(plan.until for plan in plans),
        ended=instants(plan.ended for plan in plans),
        over=tuple(instants(stage.over(plan.start, metric) for plan in plans) for metric in stage.question.metrics),
        items=tuple(_grouped(items) for items in _in_order(plans)),
        handed=tuple((group, instants(minutes[group[:2]])) for group in _grouped(one[:4] for one in handed)),
    )


def _in_order(plans: Sequence[_Planned]) -> Iterator[list[tuple[int, int, str, str]]]:
    """The first thing of every deal, then the second …: (deal, when, name or key, kind; "" for a trigger)."""
    listed = [sorted([*plan.touches, *((at, key, "") for at, key in plan.triggers)]) for plan in plans]
    for number in range(max(map(len, listed), default=0)):
        yield [(deal, *one[number]) for deal, one in enumerate(listed) if number < len(one)]


def _grouped(items: Iterable[tuple[int, int, str, str]]) -> tuple[_Group, ...]:
    import numpy

    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for deal, at, name, kind in items:
        found.setdefault((name, kind), []).append((deal, at))
    return tuple(
        (name, kind, numpy.array([deal for deal, _ in group]), numpy.array([at for _, at in group], dtype=float))
        for (name, kind), group in found.items()
    )


# --- the draws ------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True, slots=True)
class _Fates:
    """Of every deal of one playbook in one replicate: instants, `_NEVER` for what does not come."""

    reply: NDArray[Any]
    opted_out: NDArray[Any]
    won: NDArray[Any]

    @property
    def stop(self) -> NDArray[Any]:
        """From then on nothing more is handed out."""
        return _smallest(self.reply, self.opted_out, self.won)


def _smallest(*instants: NDArray[Any]) -> NDArray[Any]:
    import numpy

    found: NDArray[Any] = numpy.minimum.reduce(instants)
    return found


class _Drawing:
    """One replicate: what is believed in it, and its random numbers."""

    def __init__(self, numpy: Any, question: Simulation, replicate: int) -> None:
        self.numpy = numpy
        self.question = question
        self.replicate = replicate
        self.believed = question.behaviour.drawn(question.seed, replicate)

    def tally(self, stage: Stage, place: int, plans: _Prepared) -> Tally:
        numpy = self.numpy
        seed = numpy.random.SeedSequence(entropy=self.question.seed, spawn_key=(self.replicate, place))
        numbers = numpy.random.default_rng(seed)
        playbook = self.question.ways[place].revision("").playbook
        successes = stage.successes[self.question.ways[place].name]
        ends = {event: _end_at(playbook, event) or "" for event in ("reply", "opted_out")}
        keys = {event: [end, SUCCESS] if end in successes else [end] for event, end in ends.items()}
        fates = self._fates(numbers, plans, keys)
        return self._counted(plans, fates)

    def _fates(self, numbers: Any, plans: _Prepared, at: Mapping[str, Sequence[str]]) -> _Fates:
        """`at`: after which of its ends somebody may buy, by the event that ends it so."""
        numpy, starts, ended = self.numpy, plans.start, plans.ended
        never = numpy.full(len(starts), _NEVER)
        come = self._after(numbers, self.believed.wins.get(BY_ITSELF), starts, starts < _NEVER)
        fates = _Fates(reply=never.copy(), opted_out=never.copy(), won=come)
        for groups in plans.items:
            for group in groups:
                self._item(numbers, fates, group)
        for event, come, other in (
            ("reply", fates.reply, fates.opted_out),
            ("opted_out", fates.opted_out, fates.reply),
        ):
            follow = come < fates.won
            running = follow & (come < ended) & (come < other)
            for key, mask in ((event, follow), *((key, running) for key in at[event])):
                won = self._after(numbers, self.believed.wins.get(key), come, mask)
                fates.won = numpy.minimum(fates.won, won)
        return fates

    def _item(self, numbers: Any, fates: _Fates, group: _Group) -> None:
        """What comes of one touch or outcome, for those deals that are still on their way then."""
        numpy, (name, kind, deals, when) = self.numpy, group
        alive = when < fates.stop[deals]
        if not kind:
            won = self._after(numbers, self.believed.wins.get(name), when, alive)
            fates.won[deals] = numpy.minimum(fates.won[deals], won)
            return
        for what, table in ((fates.reply, self.believed.replies), (fates.opted_out, self.believed.opt_outs)):
            what[deals] = numpy.minimum(what[deals], self._after(numbers, chosen(table, name, kind), when, alive))

    def _after(self, numbers: Any, chance: Drawn | None, since: NDArray[Any], alive: NDArray[Any]) -> NDArray[Any]:
        """When it happens to each; `_NEVER` where it does not."""
        numpy, chance = self.numpy, chance or _NOTHING
        happens = (numbers.random(len(since)) < chance.share) & alive
        delays = chance.median * numpy.exp(chance.spread * numbers.standard_normal(len(since)))
        found: NDArray[Any] = numpy.where(happens, since + numpy.maximum(delays, 60), _NEVER)
        return found

    # --- counting ----------------------------------------------------------------------------------------------------

    def _counted(self, plans: _Prepared, fates: _Fates) -> Tally:
        numpy, until = self.numpy, plans.until
        won = fates.won <= until
        last = numpy.minimum(until, fates.won)
        replied, opted_out = fates.reply <= last, fates.opted_out <= last
        tally = Tally(lives=len(until), entered=len(until))
        tally.wins, tally.replied, tally.opted_out = int(won.sum()), int(replied.sum()), int(opted_out.sum())
        tally.replies = tally.replied
        for (name, kind, deals, when), minutes in plans.handed:
            given = when < fates.stop[deals]
            tally.names[name] += int(given.sum())
            tally.kinds[kind] += int(given.sum())
            tally.minutes += round(float(minutes[given].sum()))
        happened = {WON: (won, fates.won), "reply": (replied, fates.reply), "opted_out": (opted_out, fates.opted_out)}
        for place, metric in enumerate(self.question.metrics):
            whether, when = happened[metric.event]
            tally.metrics[place] = int((whether & (when < plans.over[place])).sum())
        return tally
