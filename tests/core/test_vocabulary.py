"""What an event counts as."""

import pytest

from engine.core.vocabulary import EventKind, vocabulary

WORDS = vocabulary([], [EventKind(name="called_back", reply=True), EventKind(name="visited")])


@pytest.mark.parametrize(
    ("event", "wanted"),
    [("reply", "reply"), ("called_back", "reply"), ("called_back", "called_back"), ("ask.granted", "ask")],
)
def test_an_event_counts_as_itself_as_its_family_and_any_reply_as_a_reply(event, wanted):
    assert WORDS.counts_as(event, wanted)


@pytest.mark.parametrize(
    ("event", "wanted"),
    [("visited", "reply"), ("reply", "called_back"), ("asked", "ask"), ("ask", "ask.granted"), ("replying", "reply")],
)
def test_an_event_does_not_count_as_another_that_begins_alike(event, wanted):
    assert not WORDS.counts_as(event, wanted)
