"""The final text is read again by the content rules; what breaks one goes to a person instead of out."""

from dataclasses import replace

from engine.core.content import ContentRule
from engine.core.model import Revision
from tests.core.story import Story, playbook_of, with_action, world

NO_PRICE = ContentRule(name="no_price_offer", row="S4.6", finds=("lower price",), means="it teaches them to wait")
WAIVER = "waive: [{rule: no_price_offer, by: ana, on: '2026-03-01', because: they asked for it in writing}]"


def told(keys, text, rules=(NO_PRICE,), **fields):
    revision = playbook_of(with_action(f"template: note, {keys}"))
    revision = Revision(hash=revision.hash, playbook=revision.playbook, templates={"note": text})
    story = Story(revision, world=replace(world(), content_rules=tuple(rules)))
    story.deal(**fields)
    story.changes = []
    advancing = story._advancing
    story._advancing = lambda: story.changes.append(advancing()) or story.changes[-1]
    story.enrol()
    return story


def row(story):
    return next(iter(story.changes[-1].changes.actions.values()))


def history(story):
    return [
        line for entry in story.changes[-1].changes.history for line in entry.did if line[0] in ("held back", "waived")
    ]


def test_what_a_customer_must_not_read_is_held_back_and_the_history_says_why():
    story = told("kind: email", "We can do a {{ lost_reason | default('lower') }} price.")
    assert "no_price_offer" in row(story)["held"]
    assert history(story) == [("held back", "ask", "no_price_offer", "S4.6", "lower price")]
    assert story.due() == ["ask"]  # a person has it


def test_words_that_only_a_value_brings_are_found():
    story = told("kind: email", "About {{ deal.name }}: thank you.", name="the lower price")
    assert row(story)["held"]


def test_a_text_that_breaks_nothing_is_not_held():
    story = told("kind: email", "Thank you.")
    assert "held" not in row(story)
    assert history(story) == []


def test_a_named_waiver_lets_it_pass_and_stands_in_the_history_each_time():
    story = told(f"kind: email, {WAIVER}", "A lower price is yours.")
    assert "held" not in row(story)
    assert history(story) == [
        ("waived", "ask", "no_price_offer", "lower price", "ana", "2026-03-01", "they asked for it in writing")
    ]


def test_what_only_we_read_is_not_looked_at():
    assert "held" not in row(told("kind: task", "A lower price?"))


def test_a_fallback_that_goes_to_a_person_of_ours_is_not_looked_at():
    story = told("kind: sms, contact: nobody, fallback: [{kind: task}]", "A lower price?")
    assert "held" not in row(story)
