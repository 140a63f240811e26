"""A text for a customer says what a content rule forbids, or does not say what one requires.

The rules stand in library/content-rules.yaml. Every template that an action for a customer can name is read, on every
way through its `if`s, and so is what the action tells the rep to do. Write something else; or, where the customer
really wants it, waive the rule on the action:

    waive:
      - {rule: no_price_offer, by: ana, on: 2026-03-02, because: They asked us in writing for a new quote}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.authoring.rules.context import Context
from engine.authoring.rules.walk import actions, possible
from engine.core.building.findings import Finding
from engine.core.content import Breach, breaches, template_breaches, waived
from engine.core.model import CUSTOMER_KINDS, Action, Path, Playbook
from engine.core.templates import TemplateError
from engine.core.values import FieldRef, Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """A breach in a template, or in the playbook itself (`template` is empty), and the action that says it."""

    breach: Breach
    action: Action
    path: Path
    template: str = ""


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    naming: dict[tuple[str, Breach, Path], list[Broken]] = {}
    for action in actions(playbook):
        for broken in broken_by(action, context):
            if waived(action.waive, broken.breach.rule) is None:
                place = () if broken.template else broken.path
                naming.setdefault((broken.template, broken.breach, place), []).append(broken)
    for found in naming.values():
        if found[0].template and context.template_files.get(found[0].template):
            yield from (_of_template(context, broken) for broken in _by_action(found))
        else:
            yield _finding(playbook, found)


def broken_by(action: Action, context: Context) -> Iterator[Broken]:
    """Everything that the action's texts break, whether it is waived or not."""
    rules, seen = context.world.content_rules, set()
    for path, kind, template in _texts(action, context):
        try:
            found = template_breaches(rules, context.templates[template], kind=kind, intent=action.intent)
        except TemplateError:
            continue  # bad-template says so
        for breach in found:
            if (template, breach) not in seen:
                seen.add((template, breach))
                yield Broken(breach=breach, action=action, path=path, template=template)
    yield from _told(action, context)


def _texts(action: Action, context: Context) -> Iterator[tuple[Path, str, str]]:
    """(path, kind, template) of every template that can go to a customer; a fallback without one has the action's."""
    ways: list[tuple[Path, str, Value | None]] = [((*action.path, "template"), action.kind, action.template)]
    for index, fallback in enumerate(action.fallback):
        path = (*action.path, "fallback", index, "template") if fallback.template else (*action.path, "template")
        ways.append((path, fallback.kind, fallback.template or action.template))
    for path, kind, value in ways:
        if kind in CUSTOMER_KINDS:
            yield from ((path, kind, name) for name in _names(value, context) if name in context.templates)


def _names(value: Value | None, context: Context) -> list[str]:
    if isinstance(value, FieldRef):
        declared = context.vocabulary.find(value.name)
        return list(declared.values) if declared and declared.values else []
    return [str(name) for name in possible(value)]


def _told(action: Action, context: Context) -> Iterator[Broken]:
    """What `do` tells the rep to say: only what is forbidden is looked for there."""
    if not action.customer_facing:
        return
    for index, item in enumerate(action.do):
        for breach in breaches(context.world.content_rules, item, kind=action.kind, intent=action.intent):
            if breach.words:
                yield Broken(breach=breach, action=action, path=(*action.path, "do", index))


def _by_action(found: list[Broken]) -> Iterator[Broken]:
    """Of each action the first."""
    for index, broken in enumerate(found):
        if broken.action.name not in (earlier.action.name for earlier in found[:index]):
            yield broken


def _of_template(context: Context, broken: Broken) -> Finding:
    """A breach in a template, for one action; who names the template is told with it, for all playbooks together."""
    breach = broken.breach
    return Finding(
        path=broken.path, rule="content-rule", message=f"{breach}: {breach.means}", hint=_hint(breach),
        file=context.template_files[broken.template], line=breach.line,
    )  # fmt: skip


def _finding(playbook: Playbook, found: list[Broken]) -> Finding:
    broken = found[0]
    breach = broken.breach
    named = list(dict.fromkeys(one.action.name for one in found))
    where = f" (playbook {playbook.name}, {'actions' if len(named) > 1 else 'action'} {', '.join(named)})"
    return Finding(
        path=broken.path, rule="content-rule", message=f"{breach}{where}: {breach.means}", hint=_hint(breach)
    )  # fmt: skip


def _hint(breach: Breach) -> str:
    instead = breach.hint if breach.hint else "write something else"
    form = f"waive: [{{rule: {breach.rule}, by: ana, on: 2026-03-02, because: …}}]"
    return f"{instead}; or waive {breach.rule} on the action, with who and why: {form}"
