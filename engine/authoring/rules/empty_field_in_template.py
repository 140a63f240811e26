"""A template or a title uses a field that may be empty, without saying what to write then.

Give it a default, or put an `if` around it.

    {{ account.name | default("your company") }}
    {% if contact.first_name %}Dear {{ contact.first_name }}{% else %}Hello{% endif %}
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.authoring.rules.context import Context
from engine.authoring.rules.texts import declared, texts
from engine.core.building.findings import Finding
from engine.core.model import Playbook
from engine.core.templates import TemplateError, mentions


def check(playbook: Playbook, context: Context) -> Iterator[Finding]:
    for text in texts(playbook, context):
        try:
            named = mentions(text.content)
        except TemplateError:
            continue  # the rule unknown_name_in_template says so
        for mention in named:
            field = declared(mention.name, playbook, context)
            if field is not None and field.may_be_empty and not mention.guarded:
                where = f"{text.file}, line {mention.line}: " if text.file else ""
                name = mention.name
                after = "" if text.file else ": a title with nothing there cannot be handed out"
                yield Finding(
                    path=text.path,
                    rule="empty-field-in-template",
                    message=f"{where}{name} may be empty{after}",
                    hint=f"write {{{{ {name} | default('…') }}}}, or put an {{% if {name} %}} around it",
                )
