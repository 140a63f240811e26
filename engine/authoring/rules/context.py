"""What a rule may look at beside the playbook itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.building.words import Words
from engine.core.model import BUILT_IN_ENDS, ENDED_BY_HAND
from engine.core.vocabulary import Vocabulary
from engine.core.world import World


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What is known beside the playbook.

    `words` are those the playbook was built with: its facts and what it used. `ends` are those of every playbook that
    can be read; `unread` names the others. `content` is the playbook as written. `roles` says how often each role of a
    contact is used in the whole workspace; `contact_roles` are those that fields.yaml lists, None if it has no list.
    """

    file: str
    words: Words
    world: World
    templates: Mapping[str, str] = field(default_factory=dict)
    template_files: Mapping[str, str] = field(default_factory=dict)  # name -> path; of those that are there
    intents: Mapping[str, str] | None = None  # what an action can be for; None: the workspace has no content rules
    missing_templates: Collection[str] = ()  # deleted, but their last text is still known
    missing_questionnaires: Collection[str] = ()  # the same
    ends: Mapping[str, Collection[str]] = field(default_factory=dict)
    unread: Collection[str] = ()
    content: Mapping[str, Any] = field(default_factory=dict)
    asked: Collection[str] | None = None  # questionnaires that an action of any playbook asks; None: nobody can know
    roles: Mapping[str, int] = field(default_factory=dict)
    contact_roles: Sequence[str] | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words.vocabulary

    def ends_of(self, playbook: str) -> set[str]:
        """The ends that `playbook` can have, the built-in ones included."""
        return {*self.ends[playbook], *BUILT_IN_ENDS, ENDED_BY_HAND}
