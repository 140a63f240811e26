"""What a simulation came to, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.plural import count, things
from engine.core.shares import percent, percent_range
from engine.reports.wording import number_text
from engine.simulation.planned import ENOUGH, Detection
from engine.simulation.summary import Difference, Load, Played, Simulated, Spread

if TYPE_CHECKING:
    from engine.console.simulated_report import About


def verdict(found: Simulated, about: About) -> str:
    """The answer: how much work, how many replies and wins; of several playbooks how they differ."""
    times = "" if found.replicates == 1 else f", {found.replicates:,} times"
    head = f"{about.deals} followed for {count(found.weeks, 'week')} each{times}, {about.behaviour}."
    if found.differences:
        tell = _planned_apart if about.alone else _apart
        return " ".join([head, *(tell(one) for one in found.differences)])
    one = found.played[0]
    told = _planned(one) if about.alone else _came_to(one)
    return f"{head} It comes to {told}.{_peak(one)}"


def _planned(one: Played) -> str:
    touches = one.figures["planned_touches"].middle
    told = "none of them touches a customer"
    if touches:
        told = f"{number_text(touches)} of them {'touches' if touches == 1 else 'touch'} a customer"
    return f"{_things(one.figures['actions'], 'action')}, {told}"


def _came_to(one: Played) -> str:
    replied = _things(one.figures["replied"], "deal")
    return (
        f"{_things(one.figures['actions'], 'action')}, {replied} with a reply, {_range(one.figures['wins'])} won back"
    )


def _peak(one: Played) -> str:
    busiest: Load | None = max(one.people, key=lambda load: (load.peak.middle, load.person), default=None)
    if busiest is None or busiest.fullest is None:
        return ""
    whose = f"{busiest.person}'s" if busiest.person else "nobody's"
    week = busiest.fullest.isoformat()
    return f" The fullest week of one person is {whose}: {_things(busiest.peak, 'action')} in the week of {week}."


# --- differences ----------------------------------------------------------------------------------------------------


def _apart(one: Difference) -> str:
    wins, actions = one.figures["wins"], one.figures["actions"]
    better, equal = one.better["wins"], one.equal["wins"]
    told = f"Against {one.base}, {one.name} wins back {_more(wins, 'deal')} and takes {_more(actions, 'action')}; "
    if equal == 1:
        return f"{told}the wins are the same in every replicate."
    same = f" and as many in {percent(equal, whole=True)}" if equal else ""
    return f"{told}it wins back more in {percent(better, whole=True)} of the replicates{same}."


def _planned_apart(one: Difference) -> str:
    told = [f"{_more(one.figures[key], word, words)}" for key, word, words in (
        ("actions", "action", "actions"), ("planned_touches", "touch", "touches"),
    )]  # fmt: skip
    return f"Against {one.base}, {one.name} plans {' and '.join(told)}."


def _more(spread: Spread, one: str, many: str = "") -> str:
    """`12 more deals (from 3 fewer to 20 more)`"""
    told = f"{_steps(spread.middle)} {things(abs(spread.middle), one, many)}"
    return told if spread.low == spread.high else f"{told} (from {_steps(spread.low)} to {_steps(spread.high)})"


def _steps(value: float) -> str:
    if not value:
        return "as many"
    return f"{number_text(abs(value))} {'fewer' if value < 0 else 'more'}"


def _things(spread: Spread, one: str) -> str:
    return f"{_range(spread)} {things(spread.middle if spread.low == spread.high else 0, one)}"


def _range(spread: Spread) -> str:
    """`20 (12 to 31)`"""
    if spread.low == spread.high:
        return number_text(spread.middle)
    return f"{number_text(spread.middle)} ({number_text(spread.low)} to {number_text(spread.high)})"


# --- the planned comparison -----------------------------------------------------------------------------------------


def detection_words(one: Detection) -> str:
    """How often the planned comparison would find what follows from the assumptions."""
    names = f"{one.control} and {one.arm}"
    if one.found is None:
        return (
            "Too few deals were played to tell how often the planned comparison would find a difference: "
            f"{one.played:,} in each arm, all replicates together, where the plan draws {one.deals:,} into {names}. "
            f"Play at least {ENOUGH} times as many as it draws into one of them, by --deals or --replicates."
        )
    if one.base == one.other:
        return (
            f"Between {names} no difference is expected ({percent(one.base)} of the deals in both), so there is "
            "nothing to find for the planned comparison."
        )
    told = f"In all replicates together {one.control} comes to {percent(one.base)} of the deals, {one.arm} to "
    told += f"{percent(one.other)}; there is a difference in {percent(one.differing, whole=True)} of the replicates. "
    told += f"The planned comparison, with {one.deals:,} deals in both together, would find a difference of this size "
    told += f"in about {percent(one.found.mean, whole=True)} of such experiments"
    if one.found.low == one.found.high:
        return f"{told}."
    between = percent_range(one.found.low, one.found.high, whole=True)
    return f"{told} ({between}, as far as what was played can tell)."
