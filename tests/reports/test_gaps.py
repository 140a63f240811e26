"""S3.10: values missing on lost deals, and steps that were not taken."""

from dataclasses import replace

from engine.core.vocabulary import Field
from engine.reports.gaps import asked_of
from engine.reports.model import Name, Share
from tests.reports.book import rows

ASKED = ("name", "owner", "team", "amount", "created_at", "lost_at", "source", "product", "notified_by")


def test_declared_fields_are_asked_for_but_not_those_that_playbooks_fill(book):
    assert tuple(asked_of(book.world.vocabulary)) == ASKED


def test_where_some_fields_are_required_these_count_and_only_for_the_deals_that_should_have_them(book):
    needed = Field(name="deal.competitor", type="text", required={"source": {"is": "rfp"}}, playbooks_may_write=True)
    words = book.world.vocabulary
    book.world = replace(book.world, vocabulary=replace(words, fields={**words.fields, needed.name: needed}))
    book.deal("D1", source="rfp")
    book.deal("D2", source="rfp", competitor="Deskwell")
    book.deal("D3", source="referral")
    found = dict(rows(book.report("gaps"), "fields"))
    assert found["competitor"] == Share(part=1, whole=2)
    assert "product" not in found and "source" not in found


def test_empty_fields_are_counted_per_field_and_per_team(book):
    full = dict.fromkeys(("name", "source", "product", "notified_by"), "x") | {"amount": [1, "EUR"]}
    book.deal("D1", created_at="2026-01-01", **full)
    book.deal("D2", team="east", **(full | {"product": ""}))
    report = book.report("gaps")
    assert rows(report, "fields")[:2] == [("created_at", Share(part=1, whole=2)), ("product", Share(part=1, whole=2))]
    assert rows(report, "by_team") == [("east", Share(part=7, whole=9)), ("west", Share(part=9, whole=9))]
    assert report.facts["completeness"] == 16 / 18


def test_a_team_that_is_not_known_is_a_gap_too(book):
    book.deal("D1", team="")
    assert ("team", Share(part=1, whole=1)) in rows(book.report("gaps"), "fields")


def test_steps_not_taken_are_told_by_playbook_and_action(book):
    book.deal("D1")
    for status in ("done", "done", "expired", "skipped", "missed", "withdrawn", "suppressed", "due"):
        book.action("D1", "ask", status=status)
    book.action("D1", "call", playbook="other", status="expired")
    report = book.report("gaps")
    assert rows(report, "steps") == [
        ("check-in", Name(name="ask"), Share(part=3, whole=5), 1, 1, 1),
        ("other", Name(name="call"), Share(part=1, whole=1), 1, 0, 0),
    ]
    assert [row[0] for row in rows(book.report("gaps", playbook="other"), "steps")] == ["other"]


def test_an_unknown_reason_is_a_gap(book):
    said = Field(name="deal.customer_reason", type="text")
    words = book.world.vocabulary
    book.world = replace(book.world, vocabulary=replace(words, fields={**words.fields, said.name: said}))
    book.deal("D1", customer_reason="unknown")
    book.deal("D2", customer_reason="price")
    book.deal("D3", customer_reason="unknown", answers={"theirs": {"why": {"primary": "fit"}}})
    assert dict(rows(book.report("gaps"), "fields"))["customer_reason"] == Share(part=1, whole=3)


def test_a_playbook_that_never_took_a_deal_has_no_gaps_to_show(book):
    book.deal("D1")
    book.action("D1", "ask", status="done")
    report = book.report("gaps", playbook="chekc-in")
    assert report.tables == () and report.verdict == "No deal was ever enrolled in the playbook chekc-in."
    assert book.report("gaps", playbook="check-in").tables
    book.world = replace(book.world, playbooks=("new-one",))
    assert book.report("gaps", playbook="new-one").tables, "what the workspace has may be asked for before its start"
