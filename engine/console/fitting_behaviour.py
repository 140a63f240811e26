"""`playbook simulate --fit`: a behaviour from one's own history, as the file that a simulation reads."""

from __future__ import annotations

import re
from pathlib import Path

from engine.console.behaviours import EXAMPLE, chosen_behaviour
from engine.console.desk import FINE, Desk, Refused
from engine.console.options import looking_at
from engine.console.output import give
from engine.core.plural import count

_TOLD = 12  # entries of which it is said that they were kept


def fit_behaviour(desk: Desk, base: str | None, output: Path | None) -> int:
    """Print it, or write it into `output`, whose name it gets. `base`: what is kept where there is too little data."""
    from engine.simulation.fitted_file import fitted_text, kept
    from engine.simulation.fitting import fit

    if output is not None and output.suffix != ".yaml":
        raise Refused(f"{output} is no YAML file", "name it playbooks/behaviours/ours.yaml")
    name = _name(output)
    now = looking_at(desk, None)
    behaviour, shown = chosen_behaviour(desk, base)
    successes = {
        playbook.name: frozenset(end.name for end in playbook.ends.values() if end.success)
        for playbook in desk.workspace.playbooks.values()
    }
    fitted = fit(desk.store, desk.world, behaviour, successes, now)
    if not fitted.deals:
        raise Refused("there is no loss to learn from", "import an export first: playbook import FILE.csv")
    give(desk, fitted_text(fitted, name, desk.local(now, "%Y-%m-%d")).rstrip("\n"), output)
    left = kept(fitted)
    if left:
        desk.say(f"too little data for {count(len(left), 'entry', 'entries')}; there the value of {shown} was kept:")
        for line in left[:_TOLD]:
            desk.say(f"  {line}")
        if len(left) > _TOLD:
            desk.say(f"  … and {len(left) - _TOLD:,} more, marked `kept` in the file")
    return FINE


def _name(output: Path | None) -> str:
    if output is None:
        return "ours"
    name = re.sub(r"[^a-z0-9]+", "-", output.stem.lower()).strip("-")
    if not name or name == EXAMPLE:
        raise Refused(f"a fitted behaviour cannot be called {output.stem!r}", "name the file after its content")
    return name
