"""The answer to a notice of loss has no deadline: nobody sees when it comes too late (S4.7).

A quick answer is half of a good one. Count from the notice, and let somebody hear of it when the time is over.

    reply_email:
      kind: email
      intent: accept_loss
      deadline: {at: 4bh after notified_at}
      escalate: [{at: 4bh after notified_at, to: manager}]
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions
from engine.core.building.findings import Finding
from engine.core.model import Playbook


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for action in actions(playbook):
        if action.intent == "accept_loss" and action.kind == "email" and action.deadline is None:
            yield Finding(
                path=action.path,
                rule="slow-reply",
                message=f"{action.name} answers the news of the loss and has no deadline (S4.7)",
                hint="add `deadline: {at: 4bh after notified_at}`",
                level="warning",
                on="key",
            )
