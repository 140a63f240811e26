"""An action or a condition names a role that no contact has, so that the work falls to the deal's first contact.

If library/fields.yaml lists `contact_roles`, every other role is an error. Without that list only a role that is used
once and is spelled almost like another is told, as a warning.

    contact_roles: [decision_maker, primary_contact]        # in library/fields.yaml
    …
    contact: decision_maker
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from engine.authoring.rules.contact_roles import Mention, mentions, named
from engine.authoring.rules.context import Context
from engine.authoring.rules.unknown_template import named as named_templates
from engine.authoring.rules.walk import possible
from engine.core import templates
from engine.core.building.findings import Finding, did_you_mean
from engine.core.model import Playbook

_ALMOST_THE_SAME = 0.8


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for mention in mentions(context.content):
        yield from _judged(mention, context)
    seen: set[str] = set()
    for path, value in named_templates(playbook):
        for name in map(str, possible(value)):
            if name in context.templates and name not in seen:
                seen.add(name)
                for line, role in _in_template(context.templates[name]):
                    where = f"library/templates/{name}, line {line}: "
                    yield from _judged(Mention(path=path, role=role), context, where)


def _in_template(text: str) -> list[tuple[int, str]]:
    try:
        return [(mention.line, role) for mention in templates.mentions(text) for role in named(mention.name)]
    except templates.TemplateError:
        return []  # what is wrong with a template is said there


def _judged(mention: Mention, context: Context, where: str = "") -> Iterator[Finding]:
    role, allowed = mention.role, context.contact_roles
    if allowed is not None and role not in allowed:
        hint = did_you_mean(role, allowed) + " (roles are listed in library/fields.yaml, contact_roles)"
        yield Finding(
            path=mention.path, on=mention.on, rule="unknown-role", message=f"{where}no contact has the role {role!r}",
            hint=hint,
        )  # fmt: skip
    elif allowed is None and (near := _near(role, context)):
        hint = f"did you mean {near!r}? `contact_roles` in library/fields.yaml says which roles there are"
        yield Finding(
            path=mention.path, on=mention.on, rule="unknown-role", level="warning", hint=hint,
            message=f"{where}only this place knows the role {role!r}",
        )  # fmt: skip


def _near(role: str, context: Context) -> str:
    """The role that `role`, used once, is probably a misspelling of: used more often, or met before it."""
    if context.roles.get(role, 0) != 1:
        return ""
    known = list(context.roles)
    others = [each for each in known if context.roles[each] > 1 or known.index(each) < known.index(role)]
    near = difflib.get_close_matches(role, [each for each in others if each != role], 1, _ALMOST_THE_SAME)
    return near[0] if near else ""
