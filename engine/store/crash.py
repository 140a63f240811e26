"""Points at which a test can kill the program, to prove that nothing is lost or doubled wherever it dies.

`PLAYBOOK_CRASH_AT="insert_history:3"` kills it the third time it passes the point `insert_history`. Every write passes
its point twice, before and after, so odd numbers are before a write and even ones after it.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "PLAYBOOK_CRASH_AT"

CRASH_POINTS: tuple[str, ...] = (
    "begin",
    "commit",
    "migration",
    # the groups of `save`, in their order
    "insert_enrolments",
    "update_enrolments",
    "insert_history",
    "insert_actions",
    "update_actions",
    "mark_events_handled",
    "mark_events_late",
    "update_deals",
    "update_contacts",
    "update_accounts",
    "insert_suppressions",
    "lift_suppressions",
    "examine_deals",
    "forget_failures",
    # verbs of one statement
    "put_meta",
    "begin_tick",
    "finish_tick",
    "put_good_sources",
    "put_broken_sources",
    "forget_sources",
    "put_revision",
    "fail_account",
    "retry_account",
    "set_examined",
    "forget_asked",
    "examine_all",
    "insert_experiment_order",
    "take_position",
    "insert_draws",
    "insert_events",
    "withdraw_event",
    "excuse_deal",
    "upsert_accounts",
    "upsert_contacts",
    "upsert_deals",
    "move_deals",
    "move_events_of_deals",
    "unlink_contacts",
    "move_contacts",
    "move_events",
    "move_suppressions",
    "move_touches",
    "move_activities_of_deals",
    "move_activities",
    "remove_accounts",
    "put_fingerprints",
    "mark_seen",
    "insert_import",
    "complete_import",
    "record_touches",
    "insert_activities",
)


class CrashPlan:
    """Which passage of which point kills. `left` counts down."""

    def __init__(self, name: str, left: int) -> None:
        self.name = name
        self.left = left


def crash_plan(text: str | None) -> CrashPlan | None:
    """What `NAME:K` asks for; None for none. Raises ValueError for a name that is no point."""
    if not text:
        return None
    name, _, number = text.partition(":")
    if name not in CRASH_POINTS or not (number or "1").isdecimal() or int(number or "1") < 1:
        raise ValueError(f"{VARIABLE}={text!r} names no point; write NAME:K with one of {', '.join(CRASH_POINTS)}")
    return CrashPlan(name, int(number or "1"))


_plan = crash_plan(os.environ.get(VARIABLE))


def arm(text: str | None) -> None:
    """What the environment variable does at the start, for a child that has already started."""
    global _plan
    _plan = crash_plan(text)


def crash_point(name: str) -> None:
    """Die here by SIGKILL if that was asked for."""
    if _plan is not None and _plan.name == name:
        _plan.left -= 1
        if not _plan.left:
            os.kill(os.getpid(), signal.SIGKILL)
