"""Experiments: orders that people gave, draws that ticks made, and what a comparison reads of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from engine.core.enrolment import Instant
from engine.core.experiment import Draw
from engine.store.accounts import event
from engine.store.json_text import dump, parse
from engine.store.records import ExperimentOrder
from engine.store.session import Row, Verbs

if TYPE_CHECKING:
    from engine.store.reported import DrawnAccount


class ExperimentVerbs(Verbs):
    """Orders and draws are only ever added."""

    def experiment_orders(self) -> list[ExperimentOrder]:
        return [
            ExperimentOrder(
                experiment=name, at=at, what=what, phase=phase, content=parse(content), arm=arm, by=by
            )
            for name, at, what, phase, content, arm, by in self.session.rows("read_experiment_orders")
        ]  # fmt: skip

    def put_experiment_order(self, order: ExperimentOrder) -> None:
        with self.session.writing():
            self.session.write(
                "insert_experiment_order",
                (order.experiment, order.at, order.what, order.phase, dump(dict(order.content)), order.arm, order.by),
            )

    def next_position(self, experiment: str, phase: int, team: str) -> int:
        with self.session.writing():
            self.session.write("take_position", (experiment, phase, team))
            found = self.session.row("read_position", (experiment, phase, team))
        return int(found[0]) if found else 0

    def put_draws(self, draws: Iterable[Draw]) -> None:
        with self.session.writing():
            self.session.write_many("insert_draws", [_row(draw) for draw in draws])

    def draws_of(self, accounts: Sequence[str]) -> list[Draw]:
        return [_draw(row) for row in self.session.rows("read_draws", (dump(list(accounts)),))]

    def drawn_accounts(self, experiment: str, after: str, limit: int) -> list[DrawnAccount]:
        from engine.store.reported import DrawnAccount, EnrolledDeal, HandedOut

        asked = {"experiment": experiment, "after": after, "limit": limit}
        page = {found: DrawnAccount(found) for (found,) in self.session.rows("drawn_accounts", asked)}
        if not page:
            return []
        span = {"experiment": experiment, "first": min(page), "last": max(page)}
        for row in self.session.rows("draws_of_experiment", span):
            page[row[3]].draws.append(_draw(row))
        ids = (dump(list(page)),)
        for row in self.session.rows("events_of_drawn", ids):
            page[row[1]].events.append(event(row))
            page[row[1]].handled_at[row[0]] = row[11]
        for account, *enrolled in self.session.rows("enrolments_of_drawn", ids):
            page[account].enrolled.append(EnrolledDeal(*enrolled))
        for account, *content in self.session.rows("handed_out_of_drawn", span):
            page[account].handed.append(HandedOut(*content))
        return list(page.values())

    def count_draws(self) -> list[tuple[str, int, str, str, int]]:
        return [(name, phase, team, arm, count) for name, phase, team, arm, count in self.session.rows("count_draws")]

    def settled_imports(self) -> list[tuple[Instant, Instant, str]]:
        return [(imported, ticked, source) for imported, ticked, source in self.session.rows("settled_imports")]


def _row(draw: Draw) -> Row:
    return (
        draw.experiment, draw.phase, draw.unit, draw.account, draw.deal, draw.team, draw.arm, draw.probability,
        dump(dict(draw.weights)), draw.drawn_at, draw.locked_until, draw.revision, draw.playbook, int(draw.holdout),
        int(draw.first), _or_null(draw.position), _or_null(draw.block), _or_null(draw.place),
        dump(dict(draw.snapshot)), dump(list(draw.contacts)), dump(list(draw.rivals)),
    )  # fmt: skip


def _draw(row: Row) -> Draw:
    (experiment, phase, unit, account, deal, team, arm, probability, weights, drawn_at, locked_until, revision,
     playbook, holdout, first, position, block, place, snapshot, contacts, rivals) = row  # fmt: skip
    return Draw(
        experiment=experiment, phase=phase, unit=unit, account=account, deal=deal, team=team, arm=arm,
        probability=probability, weights=parse(weights), drawn_at=drawn_at, locked_until=locked_until,
        revision=revision, playbook=playbook, holdout=bool(holdout), first=bool(first), position=_or_none(position),
        block=_or_none(block), place=_or_none(place), snapshot=parse(snapshot),
        contacts=tuple(parse(contacts)), rivals=tuple(parse(rivals)),
    )  # fmt: skip


def _or_null(count: int) -> int | None:
    return None if count < 0 else count


def _or_none(count: int | None) -> int:
    return -1 if count is None else count
