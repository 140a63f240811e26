"""The semantic rules: one file per rule, in the order in which people look for causes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.authoring.rules import (
    all_closed_without_action,
    ambiguous_event,
    content_rule,
    dead_end,
    decision_with_trigger,
    decision_without_else,
    duplicate_action,
    early_timer,
    empty_date,
    empty_field_in_template,
    file_name,
    idle_waiver,
    loop_without_delay,
    never_taken,
    questions_on_bad_news,
    stuck_action,
    unhandled_outcome,
    unknown_calendar,
    unknown_end,
    unknown_event,
    unknown_intent,
    unknown_name_in_template,
    unknown_outcome,
    unknown_person,
    unknown_playbook,
    unknown_questionnaire,
    unknown_role,
    unknown_schedule,
    unknown_state,
    unknown_team,
    unknown_template,
    unknown_waiver,
    unknown_window,
    unreachable_state,
    unused_end,
    unused_param,
)
from engine.authoring.rules.context import Context
from engine.core.building.findings import Finding
from engine.core.model import Playbook

Rule: TypeAlias = Callable[[Playbook, Context], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "file-name": file_name.check,
    "unknown-state": unknown_state.check,
    "unknown-end": unknown_end.check,
    "unknown-event": unknown_event.check,
    "unknown-outcome": unknown_outcome.check,
    "ambiguous-event": ambiguous_event.check,
    "unknown-person": unknown_person.check,
    "unknown-role": unknown_role.check,
    "unknown-calendar": unknown_calendar.check,
    "unknown-window": unknown_window.check,
    "unknown-schedule": unknown_schedule.check,
    "unknown-playbook": unknown_playbook.check,
    "unknown-questionnaire": unknown_questionnaire.check,
    "unknown-team": unknown_team.check,
    "unknown-template": unknown_template.check,
    "unknown-name-in-template": unknown_name_in_template.check,
    "empty-field-in-template": empty_field_in_template.check,
    "unknown-intent": unknown_intent.check,
    "unknown-waiver": unknown_waiver.check,
    "content-rule": content_rule.check,
    "idle-waiver": idle_waiver.check,
    "questions-on-bad-news": questions_on_bad_news.check,
    "duplicate-action": duplicate_action.check,
    "unreachable-state": unreachable_state.check,
    "dead-end": dead_end.check,
    "empty-date": empty_date.check,
    "all-closed-without-action": all_closed_without_action.check,
    "stuck-action": stuck_action.check,
    "unhandled-outcome": unhandled_outcome.check,
    "decision-without-else": decision_without_else.check,
    "decision-with-trigger": decision_with_trigger.check,
    "never-taken": never_taken.check,
    "loop-without-delay": loop_without_delay.check,
    "early-timer": early_timer.check,
    "unused-end": unused_end.check,
    "unused-param": unused_param.check,
}
