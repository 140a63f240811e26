"""Which deals to look at for enrolment, and what they have behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.core.account import PastEnrolment
from engine.core.enrolment import Instant
from engine.store.json_text import dump
from engine.store.session import Verbs


class EnrollingVerbs(Verbs):
    """The queue of deals to be examined."""

    def deals_to_examine(self, now: Instant, limit: int) -> list[tuple[str, str]]:
        found = self.session.rows("deals_to_examine", {"now": now, "limit": limit})
        return [(account, deal) for account, deal in found]

    def set_examined(self, examined: Iterable[tuple[str, str, Instant | None]]) -> None:
        with self.session.writing():
            rows = [(again, account, deal) for account, deal, again in examined]
            self.session.write_many("set_examined", rows)

    def forget_asked(self, deals: Iterable[tuple[str, str]]) -> None:
        with self.session.writing():
            self.session.write_many("forget_asked", list(deals))

    def examine_all(self, status: str | None) -> int:
        with self.session.writing():
            return self.session.write("examine_all", {"status": status})

    def past_enrolments(self, accounts: Sequence[str]) -> list[PastEnrolment]:
        return [
            PastEnrolment(number, deal, playbook, nth, enrolled_at, end, ended_at, loss, bool(facing), account)
            for number, account, deal, playbook, nth, enrolled_at, end, ended_at, loss, facing in self.session.rows(
                "past_enrolments", (dump(list(accounts)),)
            )
        ]

    def enrolments_since(self, playbook: str, instant: Instant) -> list[Instant]:
        return [enrolled_at for (enrolled_at,) in self.session.rows("enrolments_since", (playbook, instant))]
