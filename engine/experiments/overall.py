"""The verdict over all arms, from that of each arm against the control."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.experiments.comparison import Contrast, State, Verdict
from engine.experiments.standing import Standing
from engine.experiments.wording import listed

# With several arms and no winner: the first of these that is true of one of the arms still in question.
_OPEN: tuple[State, ...] = ("invalid", "running", "too_early", "inconclusive", "no_difference")

Between = Callable[[str, str], Contrast]  # (arm, other arm) -> the two compared with each other


def overall_of(now: Standing, contrasts: Sequence[Contrast], between: Between) -> Verdict:
    """`between` compares two arms other than the control, which is asked for winners only."""
    if now.team and now.team not in now.teams:
        return _unknown_team(now)
    if not contrasts:
        return Verdict(state="too_early", words="There is nothing to compare: the experiment has one arm only.")
    if len(contrasts) == 1:
        return contrasts[0].verdict
    if contrasts[0].verdict.state == "invalid":
        return contrasts[0].verdict
    winners = [one for one in contrasts if one.verdict.state == "winner"]
    if winners:
        return _won(now, contrasts, winners, between)
    return _open(contrasts)


def _unknown_team(now: Standing) -> Verdict:
    if now.team in now.apart:
        return Verdict(state="too_early", words=f"Team {now.team} has one arm only: there is nothing to compare.")
    known = f" Units were drawn in {listed(now.teams)}." if now.teams else ""
    return Verdict(state="too_early", words=f"Nothing was drawn in team {now.team}.{known}")


def _won(now: Standing, contrasts: Sequence[Contrast], winners: Sequence[Contrast], between: Between) -> Verdict:
    first, names = winners[0].verdict, tuple(one.arm for one in winners)
    rest = [one.verdict.words for one in contrasts if one not in winners]
    if len(winners) == 1:
        return Verdict(state="winner", words=" ".join((first.words, *rest)), arm=first.arm, look=first.look, arms=names)
    best = next((name for name in names if all(_beats(between(name, other)) for other in names if other != name)), "")
    if best:
        lead = f"{best} is the best: it is better than {now.plan.control}, and than {_the_others(names, best)} too."
    else:
        lead = (
            f"{listed(names)} are each better than {now.plan.control}. Which of them is the best is not decided: "
            "between them the difference may be chance."
        )
    words = " ".join((lead, *(one.verdict.words for one in winners), *rest))
    looks = [one.verdict.look for one in winners if one.verdict.look is not None and best in ("", one.arm)]
    return Verdict(state="winner", words=words, arm=best, look=min(looks, default=None), arms=names)


def _beats(contrast: Contrast) -> bool:
    return contrast.verdict.state == "winner"


def _the_others(names: Sequence[str], best: str) -> str:
    return listed([name for name in names if name != best])


def _open(contrasts: Sequence[Contrast]) -> Verdict:
    words = " ".join(dict.fromkeys(one.verdict.words for one in contrasts))
    states = [one.verdict.state for one in contrasts]
    if all(state == "loser" for state in states):
        looks = [one.verdict.look for one in contrasts if one.verdict.look is not None]
        return Verdict(state="loser", words=words, look=max(looks, default=None))
    state = next(state for state in _OPEN if state in states)
    asking = [one.verdict for one in contrasts if one.verdict.state == state]
    needed = [one.needed for one in asking if one.needed is not None]
    days = [one.by for one in asking if one.by is not None]
    return Verdict(
        state=state,
        words=words,
        needed=max(needed) if needed else None,
        by=max(days) if len(days) == len(asking) else None,
    )
