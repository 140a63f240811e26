"""What a rule may look at beside the experiment itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.authoring.arms import Playbooks
from engine.core.building.words import Words
from engine.core.experiment import Experiment, Metric
from engine.core.model import Path, Playbook
from engine.core.vocabulary import Vocabulary
from engine.core.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What is known beside the experiment.

    `content` is the experiment as written, `words` are those it was built with. `arms` are the playbooks of its arms
    with their parameters, `wholes` the same as plain data; an arm whose playbook cannot be used is in neither.
    `experiments` are all of the workspace that can be read, by the names of their files.
    """

    file: str
    content: Mapping[str, Any]
    words: Words
    world: World
    playbooks: Playbooks
    arms: Mapping[str, Playbook]
    wholes: Mapping[str, Mapping[str, Any]]
    experiments: Mapping[str, Experiment]

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words.vocabulary

    def is_sound(self) -> bool:
        """Whether its condition, its days and its windows can be read at all."""
        return self.words.findings.sound


def metrics(experiment: Experiment) -> Iterator[tuple[Path, Metric]]:
    """Everything that is counted, with its path."""
    yield ("primary",), experiment.primary
    for key, several in (("secondary", experiment.secondary), ("guardrails", experiment.guardrails)):
        for index, metric in enumerate(several):
            yield (key, index), metric
