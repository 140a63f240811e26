"""How playbooks end: by end, playbook and team, with what was won since, which is no evidence."""

import pytest

from engine.reports.model import Name, Share
from tests.reports.book import instant, rows

PLAYBOOK = "check-in"


@pytest.fixture
def enrolled(book):
    """Enrols a deal, and ends the enrolment if told how."""

    def enrol(deal, end="", at="2026-01-05T09:00", ended="2026-02-02T09:00", playbook=PLAYBOOK, **fields):
        book.deal(deal, account=f"A-{deal}", **fields)
        book.enrol(deal, playbook, at=at, loss="2026-01-02")
        if end:
            sql = "UPDATE enrolments SET end_name = ?, ended_at = ? WHERE deal_id = ? AND playbook = ?"
            book.store.session.connection.execute(sql, (end, instant(ended), deal, playbook))

    return enrol


def test_each_end_is_counted_with_its_share_and_open_ones_stand_apart(book, enrolled):
    for number, end in enumerate(["revived", "quiet", "quiet", ""]):
        enrolled(f"D{number}", end)
    report = book.report("ends")
    assert (report.facts["enrolled"], report.facts["open"], report.facts["ended"]) == (4, 1, 3)
    assert rows(report, "ends") == [
        (PLAYBOOK, Name(name="quiet"), Share(part=2, whole=3)),
        (PLAYBOOK, Name(name="revived"), Share(part=1, whole=3)),
    ]


def test_playbooks_variants_and_teams_have_rows_of_their_own(book, enrolled):
    enrolled("D1", "quiet", team="west")
    enrolled("D2", "quiet", team="east")
    enrolled("D3", playbook="check-in-ten-weeks")
    report = book.report("ends")
    assert [row[:4] for row in rows(report, "playbooks")] == [(PLAYBOOK, 2, 0, 2), ("check-in-ten-weeks", 1, 1, 0)]
    assert [row[:3] for row in rows(report, "by_team")] == [
        (PLAYBOOK, "east", 1), (PLAYBOOK, "west", 1), ("check-in-ten-weeks", "west", 1),
    ]  # fmt: skip
    assert book.report("ends", playbook="check-in-ten-weeks").facts["enrolled"] == 1
    assert book.report("ends", team="east").facts["enrolled"] == 1


def test_a_win_counts_to_the_hundred_and_eightieth_day_of_the_deal_itself_or_of_one_that_follows_it(book, enrolled):
    enrolled("D1", "won", status="won", won_at="2026-07-04")
    enrolled("D2", status="won", won_at="2026-07-05")
    enrolled("D3")
    book.deal("D9", account="A-D3", status="won", won_at="2026-03-01", follows_deal="D3")
    enrolled("D4", status="won", won_at="2026-01-04")
    assert book.report("ends", now="2027-01-01T12:00").facts["wins"] == 2, "D1 by its end, D3 by D9"


def test_a_win_of_the_last_day_counts_and_one_of_the_day_after_does_not(book, enrolled):
    enrolled("D1", status="won", won_at="2026-07-04")
    enrolled("D2", status="won", won_at="2026-07-05")
    assert book.report("ends", now="2027-01-01T12:00").facts["wins"] == 1


def test_the_wins_are_told_to_be_no_evidence_and_recent_enrolments_may_still_win(book, enrolled):
    enrolled("D1")
    report = book.report("ends", now="2026-03-02T12:00")
    assert "not evidence: nobody drew lots" in report.remarks[0]
    assert report.facts["young"] == 1 and "may still be won" in report.remarks[1]
    assert book.report("ends", now="2026-12-01T12:00").facts["young"] == 0


def test_a_win_in_the_future_is_not_counted_and_is_said(book, enrolled):
    enrolled("D1", status="won", won_at="2026-03-03")
    report = book.report("ends", now="2026-03-02T12:00")
    assert report.facts["wins"] == 0
    assert report.remarks[-1] == "Not counted: 1 deal won on a day that has not come yet. Check the date in the CRM."


def test_before_anything_was_enrolled_it_says_so(book):
    book.deal("D1")
    assert book.report("ends").verdict == "No playbook followed any of these deals yet."
