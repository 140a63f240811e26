"""What the experiment asks of a deal, and what the playbooks of its arms ask, can never hold together.

A deal is drawn only if every arm could take it; otherwise the arms would get different deals. So the conditions of all
of them have to leave something over.

    enrol: {if: {status: {is: lost}}}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.contradictions import contradiction
from engine.authoring.experiment_rules.context import Context
from engine.authoring.naming_teams import NOBODY
from engine.core.building.findings import Finding
from engine.core.conditions import Clause, Condition
from engine.core.experiment import Experiment
from engine.core.values import Literal

_OF_A_TEAM = Clause(name="deal.team", operator="is_not", operand=Literal(content=NOBODY), type="text")


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    if not context.is_sound():
        return
    asked: list[Condition | None] = [_OF_A_TEAM, experiment.condition]
    field = contradiction(asked).removeprefix("deal.")
    if field:
        message = f"no deal ever takes part: its conditions on {field} exclude each other"
        yield _finding(("enrol", "if"), message, "no deal answers both: change one of them")
        return
    for name, playbook in context.arms.items():
        asked.append(playbook.enrol.condition)
        field = contradiction(asked).removeprefix("deal.")
        if field:
            arm = f"{playbook.name} asks of {field} what excludes what the experiment or an arm before it asks"
            hint = "all arms have to be able to take the same deals; a parameter of the arm may say otherwise"
            yield _finding(("arms", name, "playbook"), f"no deal ever takes part: {arm}", hint)
            return


def _finding(path: tuple[str, ...], message: str, hint: str) -> Finding:
    return Finding(path=path, rule="never-enrolled", message=message, hint=hint)
