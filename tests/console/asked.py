"""A shop with a playbook whose call asks a questionnaire."""

from pathlib import Path

import cli
from tests.console import shop as shops

PLAYBOOK = """
playbook: check-in
title: Check in
enrol: {if: {status: {is: lost}, since.lost_at: {at_most: 90d}}}
ends: {kept: {}}
initial: debrief
states:
  debrief:
    actions:
      debrief:
        kind: call
        contact: decision_maker
        title: Ask why
        assign: owner
        do: [thank them]
        avoid: [arguing]
        checklist: [reread your notes, reread the e-mails]
        questions: {ask: debrief, for: [talked]}
        outcomes: [talked, no_answer]
      think: {kind: task, title: Think, assign: owner, priority: 5}
    transitions:
      - {event: debrief.talked, end: kept}
      - {after: 4w, end: kept}
"""
DEBRIEF = """
questionnaire: debrief
title: What the customer tells us
answered_by: customer
intro: Write down their words.
questions:
  reason: {ask: "Why did we lose?", type: reason, required: true, help: By what they said}
  fit: {ask: "How well did we fit?", type: scale, required: true}
  winner: {ask: "Who won?", type: text}
  again: {ask: "May we call again?", type: yes_no}
"""
REASONS = """
reasons:
  should_have_won:
    title: We should have won it
    reasons:
      priced_out: {title: Priced out}
      wrong_level: {title: Wrong level}
  should_not_have_pursued:
    title: We should not have pursued it
    reasons:
      poor_fit: {title: Poor fit}
"""


def make(folder: Path, scores: str = "") -> None:
    shops.make(folder)
    library = folder / "playbooks" / "library"
    (library / "questionnaires").mkdir()
    (library / "questionnaires" / "debrief.yaml").write_text(DEBRIEF)
    (library / "loss-reasons.yaml").write_text(REASONS)
    (folder / "playbooks" / "check-in.yaml").write_text(PLAYBOOK)
    if scores:
        (library / "scores.yaml").write_text(scores)
    assert cli.run(["--workspace", str(folder), "tick", "--now", shops.START]) == 0


def action(shop, name="debrief", deal="D-1"):
    with shop.store() as store:
        return next(row.id for row in store.open_actions(deal=deal) if row.name == name)
