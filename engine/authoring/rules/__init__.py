from collections.abc import Callable, Iterator
from typing import TypeAlias
from engine.authoring.rules.context import Context
from engine.core.build.findings import Finding
from engine.core.model import Playbook

Rule: TypeAlias = Callable[[Playbook, Context], Iterator[Finding]]
RULES: dict[str, Rule] = {}
