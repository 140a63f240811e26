"""Whole accounts for reports, a page at a time: reads only, and never more than a page in memory."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.core.account import Account, Contact, Deal, Touch
from engine.store.accounts import event
from engine.store.json_text import parse
from engine.store.reported import ReportedAccount, ReportedAction, ReportedActivity, ReportedEnrolment
from engine.store.session import Verbs

_Page = dict[str, ReportedAccount]


class ReportingVerbs(Verbs):
    """Reads only."""

    def report_page(
        self, after: str, limit: int, needs: Collection[str] = (), statuses: Collection[str] = ()
    ) -> list[ReportedAccount]:
        rows = self.session.rows("report_page", {"after": after, "limit": limit})
        page = {id_: ReportedAccount(Account(id_, parse(fields), named=name)) for id_, name, fields in rows}
        if page:
            span = {"first": rows[0][0], "last": rows[-1][0]}
            self._report_deals(page, span, statuses)
            for need in needs:
                _FILLED[need](self, page, span)
        return list(page.values())

    def _report_deals(self, page: _Page, span: dict[str, Any], statuses: Collection[str]) -> None:
        asked = {**span, "statuses": f" {' '.join(statuses)} " if statuses else ""}
        for account, id_, fields, linked, excused, answers in self.session.rows("report_deals", asked):
            if account in page:
                links = [(contact, role) for contact, role in parse(linked)]
                deal = Deal(id_, account, parse(fields), links, excused, answers=parse(answers))
                page[account].account.deals[id_] = deal

    def _report_contacts(self, page: _Page, span: dict[str, Any]) -> None:
        for account, id_, fields, consent in self.session.rows("report_contacts", span):
            if account in page:
                page[account].account.contacts[id_] = Contact(id_, account, parse(fields), parse(consent))

    def _report_actions(self, page: _Page, span: dict[str, Any]) -> None:
        for account, *content in self.session.rows("report_actions", span):
            if account in page:
                page[account].actions.append(ReportedAction(*content))

    def _report_enrolments(self, page: _Page, span: dict[str, Any]) -> None:
        for account, *content in self.session.rows("report_enrolments", span):
            if account in page:
                page[account].enrolments.append(ReportedEnrolment(*content))

    def _report_events(self, page: _Page, span: dict[str, Any]) -> None:
        for row in self.session.rows("report_events", span):
            if row[1] in page:
                page[row[1]].account.log.append(event(row))

    def _report_activities(self, page: _Page, span: dict[str, Any]) -> None:
        for account, *content in self.session.rows("report_activities", span):
            if account in page:
                page[account].activities.append(ReportedActivity(*content))

    def _report_touches(self, page: _Page, span: dict[str, Any]) -> None:
        for account, key, at, kind in self.session.rows("report_touches", span):
            if account in page:
                page[account].account.touches.append(Touch(key, at, kind))


_FILLED = {
    "contacts": ReportingVerbs._report_contacts,
    "actions": ReportingVerbs._report_actions,
    "enrolments": ReportingVerbs._report_enrolments,
    "events": ReportingVerbs._report_events,
    "activities": ReportingVerbs._report_activities,
    "touches": ReportingVerbs._report_touches,
}
