"""An action waives a rule that library/content-rules.yaml does not have.

Copy the name of the rule from the message that you want to be rid of.

    waive:
      - {rule: no_price_offer, by: ana, on: 2026-03-02, because: They asked us for a new quote}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    known = [rule.name for rule in context.world.content_rules]
    for action in actions(playbook):
        for index, waiver in enumerate(action.waive):
            if waiver.rule not in known:
                yield Finding(
                    path=(*action.path, "waive", index, "rule"),
                    rule="unknown-waiver",
                    message=f"there is no content rule {waiver.rule!r}",
                    hint=did_you_mean(waiver.rule, known) or "content rules stand in library/content-rules.yaml",
                )
