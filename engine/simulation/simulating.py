"""A whole simulation: cut up, worked at, kept, put together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.core.durations import Instant
from engine.simulation.question import Simulation
from engine.simulation.saving import Kept
from engine.simulation.summary import Simulated, summed_up
from engine.simulation.tally import Tally
from engine.simulation.workers import Workers, alone
from engine.simulation.working import merged, part_from

# told how many lives were played since it was told last
Progress = Callable[[int], None]


def simulate(
    question: Simulation, workers: Workers = alone, state: Path | None = None, progress: Progress | None = None
) -> Simulated:
    """The answer, the same whoever works at it. With `state` it goes on where it was stopped.

    Raises OtherQuestion if `state` belongs to another simulation, NoCluster, and OSError if it cannot be written.
    """
    return summed_up(question, played_out(question, workers, state, progress))


def played_out(
    question: Simulation, workers: Workers = alone, state: Path | None = None, progress: Progress | None = None,
    notice: Callable[[str], None] | None = None, asked: Instant | None = None,
) -> list[list[Tally]]:  # fmt: skip
    """What each playbook came to in each replicate. `notice` is told what people should know of the state file; a new
    one keeps when the question was `asked`."""
    if not question.subjects:
        raise ValueError("there is no deal to play")
    kept = Kept(question, state, asked)
    if kept.begun_anew and notice is not None:
        notice(f"{state} ended within its first line: all is played from the beginning")
    told = progress or _nobody
    told(sum(_lives(question, chunk) for chunk in kept.parts))
    missing = kept.missing(question.chunks)
    if missing:
        for chunk, content in workers(question, missing):
            kept.keep(chunk, content)
            told(_lives(question, chunk))
    return merged(question, (part_from(kept.parts[chunk]) for chunk in sorted(kept.parts)))


def _lives(question: Simulation, chunk: int) -> int:
    turns = question.turns_of(chunk)
    return round(len(turns) * question.lives / question.turns)


def _nobody(_lives: int) -> None:
    pass
