"""A deal that nobody owns is followed all the same."""

from dataclasses import replace

from tests.core.story import Story, playbook_of, with_action, world


def test_a_text_is_written_though_nobody_owns_the_deal():
    revision = playbook_of(with_action("kind: call, template: note"))
    text = "{{ owner.name | default('Somebody') }} was to call.\n{{ assignee.name }}"
    story = Story(replace(revision, templates={"note": text}), world=world())
    story.deal(owner=None)
    advancing = []
    make = story._advancing
    story._advancing = lambda: advancing.append(make()) or advancing[-1]
    story.enrol()
    assert [row["text"] for row in advancing[-1].changes.actions.values()] == ["Somebody was to call.\n"]
