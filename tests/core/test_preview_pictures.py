"""The pictures: every line is one that Mermaid reads, every id is declared, and no label can break out of its place.

The grammar here is the part of Mermaid's that is used: a label ends at the line's end and has neither a colon nor a
semicolon, but for the codes that Mermaid replaces before it reads (`#58;`).
"""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.preview.gantt import gantt
from engine.core.preview.mermaid import escaped, shortened, state_diagram
from tests.core.story import playbook_of, when, with_action
from tests.core.test_preview import CALL, GIVING, previewed, running

ID = r"[A-Za-z0-9_]*__[A-Za-z0-9_]*"
CODE = r"#(?:\d+|[a-z]+);"
TEXT = rf'(?:[^:;#"<>{{}}\[\]%\\`\n]|{CODE})+'
STATE_LINES = {
    "head": r"stateDiagram-v2",
    "comment": r"%% [^{}%]*",
    "state": rf'state "{TEXT}" as ({ID})',
    "choice": rf"state ({ID}) <<choice>>",
    "open": rf'state "{TEXT}" as ({ID}) \{{',
    "close": r"\}",
    "arrow": rf"(\[\*\]|{ID}) --> (\[\*\]|{ID})(?: : {TEXT})?",
}
GANTT_LINES = (
    r"gantt", r"title [^:;#%{}]+", r"dateFormat YYYY-MM-DD", r"axisFormat %Y-%m-%d", r"section [^:;#%{}]+",
    r"[^:;#%{}\"]+ :(milestone, )?(\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d|0d)",
)  # fmt: skip
# What Mermaid 11.17 takes for something else than the name of a bar at the beginning of a line: the rules of its own
# reader (ganttDiagram, `rules`) that come before the one for names.
NO_BAR = re.compile(
    r"accTitle\s*:|accDescr\s*:|accDescr\s*\{|%|\}|href[\s]+[\"]|[\"]|call[\s]+|click[\s]+|gantt\b|dateFormat\s"
    r"|inclusiveEndDates\b|topAxis\b|axisFormat\s|tickInterval\s|includes\s|excludes\s|todayMarker\s|weekday\s+\w+day\b"
    r"|weekend\s+(friday|saturday)\b|\d\d\d\d-\d\d-\d\d\b|title\s|accDescription\s|section\s",
    re.ASCII | re.IGNORECASE,
)
WORDS = (
    "accTitle", "accDescr", "accDescription", "href", "call", "click", "gantt", "dateFormat", "inclusiveEndDates",
    "topAxis", "axisFormat", "tickInterval", "includes", "excludes", "todayMarker", "title", "section",
    "weekday monday", "weekend friday", "2026-03-02", "CALL", "Click", "Title",
)  # fmt: skip


def check_states(text: str) -> list[tuple[str, str]]:
    """Raises AssertionError where Mermaid would; returns the arrows."""
    declared, arrows, depth = set(), [], 0
    assert text.endswith("\n") and "\nstateDiagram-v2\n" in text
    for line in text.splitlines():
        matches = ((kind, re.fullmatch(form, line.strip())) for kind, form in STATE_LINES.items())
        kind, found = next(((kind, match) for kind, match in matches if match), ("", None))
        assert found is not None, f"Mermaid would not read: {line}"
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if kind in ("state", "choice", "open"):
            declared.add(found[1])
        if kind == "arrow":
            arrows.append((found[1], found[2]))
    assert depth == 0
    assert {end for arrow in arrows for end in arrow} - {"[*]"} <= declared
    return arrows


def check_gantt(text: str) -> None:
    for line in text.splitlines():
        assert any(re.fullmatch(form, line.strip()) for form in GANTT_LINES), f"Mermaid would not read: {line}"
        if re.fullmatch(GANTT_LINES[-1], line.strip()):
            assert not NO_BAR.match(line.replace("\ufeff", " ").strip()), f"Mermaid would not take it for a bar: {line}"
    for begins, ends in re.findall(r":(\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d)", text):
        assert begins < ends


def drawn(text: str) -> str:
    return state_diagram(playbook_of(text).playbook)


def test_states_ends_delays_and_outcomes_are_drawn():
    text = drawn(with_action(CALL, "{event: ask.yes_please, to: other}", "{event: all_closed, end: first}"))
    check_states(text)
    for line in (
        "[*] --> main__act",
        'state "act" as main__act',
        "main__act --> main__other : ask.yes_please",
        "main__act --> main__end__first : all_closed",
        "main__end__first --> [*]",
        "main__other --> main__end__over : after 52w",
    ):
        assert f"    {line}\n" in text


def test_a_decision_is_a_choice_with_its_questions_on_the_ways_out():
    text = drawn("""
initial: ask
ends: {over: {}}
states:
  ask: {transitions: [{if: {lost_reason: {is: price}}, end: over}, {to: wait}]}
  wait: {transitions: [{after: 1w, end: over}]}
""")
    check_states(text)
    assert "state main__ask <<choice>>" in text
    assert "main__ask --> main__end__over : if lost_reason is price" in text
    assert "main__ask --> main__wait : otherwise" in text


def test_a_stay_leads_back_and_a_pause_has_a_way_out_and_anywhere_is_a_place_of_its_own():
    text = drawn(
        "anywhere:\n  - {event: not_now, pause: {until: ready_again}}\n  - {event: reply, stay: true}\n"
        + with_action(CALL, "{event: signal, stay: true}")
    )
    arrows = check_states(text)
    assert ("main__act", "main__act") in arrows
    assert ("main__in__anywhere", "main__in__anywhere") in arrows
    paused = "main__in__anywhere__paused__ready_again"
    assert ("main__in__anywhere", paused) in arrows and (paused, "main__in__anywhere") in arrows


def test_tracks_stand_beside_each_other_and_do_not_share_states():
    text = drawn("""
ends: {over: {}}
tracks:
  one: {initial: state, states: {state: {transitions: [{after: 1w, finish: over}]}}}
  two: {initial: state, states: {state: {transitions: [{after: 2w, finish: over}]}}}
""")
    arrows = check_states(text)
    assert {("[*]", "track__one"), ("[*]", "track__two"), ("[*]", "one__state"), ("[*]", "two__state")} <= set(arrows)


def test_states_that_are_called_like_words_of_mermaid_are_drawn_all_the_same():
    text = drawn("initial: end\nends: {note: {}}\nstates: {end: {transitions: [{after: 1w, end: note}]}}")
    assert ("main__end", "main__end__note") in check_states(text)


def test_signs_of_mermaids_own_are_written_as_codes():
    assert escaped('a: "b" [c] {d}; 5% <e> #f') == "a#58; #quot;b#quot; #91;c#93; #123;d#125;#59; 5#37; #lt;e#gt; #35;f"


def test_signs_in_a_condition_do_not_break_out_of_a_label():
    text = drawn("""
initial: ask
ends: {over: {}}
states:
  ask:
    transitions:
      - {if: {account.industry: {is: 'a: "b"; <<choice>> } %% [c]'}}, end: over}
      - {end: over}
""")
    check_states(text)


@given(st.text(max_size=200))
def test_any_text_is_a_label_and_shortening_it_breaks_no_code(text):
    label = escaped(shortened(text))
    assert re.fullmatch(rf"(?:{TEXT})?", label)
    assert len(shortened(text)) <= max(len(text), 50)


@pytest.mark.parametrize("text", [with_action(CALL, "{event: all_closed, end: first}"), GIVING.replace("LAPS", "3")])
def test_the_calendar_is_drawn_as_a_chart(text):
    found = previewed(text)
    playbook = playbook_of(text).playbook
    standing = {"main": playbook.tracks["main"].initial}
    check_gantt(gantt(playbook, found.calendar, standing, lambda at: when(at)[:10]))


def test_the_chart_has_each_stay_and_each_action_from_its_hand_out_to_its_closing():
    playbook = playbook_of(GIVING.replace("LAPS", "2")).playbook
    found = previewed(GIVING.replace("LAPS", "2"))
    lines = gantt(playbook, found.calendar, {"main": "wait"}, lambda at: when(at)[:10]).splitlines()
    assert "    wait :2026-03-02, 2026-04-01" in lines
    assert "    give :2026-04-01, 2026-04-06" in lines
    assert "    Send something (email) :2026-04-01, 2026-04-06" in lines
    assert "    enough :milestone, 2026-05-11, 0d" in lines
    assert all(one != other for one, other in pairwise(lines))


WAITING = f"""
initial: act
ends: {{over: {{}}}}
states:
  act:
    actions: {{ask: {{{CALL}}}}}
    transitions: [{{event: ask.yes_please, end: over}}]
"""


def charted(text: str, weeks: int = 52) -> list[str]:
    playbook = playbook_of(text).playbook
    standing = {track.name: track.initial for track in playbook.tracks.values()}
    chart = gantt(playbook, previewed(text, weeks).calendar, standing, lambda at: when(at)[:10])
    check_gantt(chart)
    return [line.strip() for line in chart.splitlines()]


@pytest.mark.parametrize("word", WORDS)
def test_no_bar_begins_with_a_word_that_mermaid_takes_for_its_own(word):
    lines = charted(with_action(f"kind: call, title: '{word} the customer', assign: owner", "{after: 1w, end: first}"))
    assert f"'{word} the customer' (call) :2026-03-02, 2026-03-09" in lines
    lines = charted(with_action(f"kind: task, title: '{word}', assign: owner", "{after: 1w, end: first}"))
    assert f"'{word}' (task) :2026-03-02, 2026-03-09" in lines


@pytest.mark.parametrize("word", ["call", "click", "gantt", "title", "section", "includes", "excludes", "href"])
def test_a_state_that_is_called_like_a_word_of_mermaid_has_its_bar(word):
    lines = charted(
        f"initial: {word}\nends: {{{word}: {{}}}}\nstates: {{{word}: {{transitions: [{{after: 1w, end: {word}}}]}}}}"
    )
    assert f"'{word}' :2026-03-02, 2026-03-09" in lines
    assert f"'{word}' :milestone, 2026-03-09, 0d" in lines


@given(st.text(min_size=1, max_size=90), st.sampled_from(["", *WORDS]))
def test_any_title_is_the_name_of_a_bar(text, word):
    title = json.dumps(f"{word} {text}".replace("{{", "").replace("{%", ""))
    charted(with_action(f"kind: call, title: {title}, assign: owner", "{after: 1w, end: first}"))


def test_what_is_still_open_is_drawn_to_the_end_of_what_was_asked_for_and_says_that_it_goes_on():
    assert charted(WAITING)[-4:] == [
        "section state",
        "act (goes on) :2026-03-02, 2027-03-01",
        "section to do in act",
        "Ask (call, goes on) :2026-03-02, 2027-03-01",
    ]
    short = charted(with_action(CALL + ", expires: 3w", "{after: 20w, end: first}"), weeks=2)
    assert "act (goes on) :2026-03-02, 2026-03-16" in short
    assert "Ask (call, goes on) :2026-03-02, 2026-03-16" in short


def test_what_repeats_is_drawn_to_where_the_next_lap_begins():
    lines = charted(GIVING.replace("LAPS", "9"))
    assert [line for line in lines if "then it repeats" in line] == ["wait (then it repeats) :2026-04-06, 2026-05-06"]


def test_an_action_that_is_open_at_the_start_has_a_bar_from_there():
    _, found = running(with_action(CALL + ", expires: 10d", "{event: ask.yes_please, to: other}"), "2026-03-05 09:00")
    playbook = playbook_of(with_action(CALL + ", expires: 10d", "{event: ask.yes_please, to: other}")).playbook
    chart = gantt(playbook, found.calendar, {"main": "act"}, lambda at: when(at)[:10])
    assert "    ask (call) :2026-03-05, 2026-03-12\n" in chart


def test_a_title_with_signs_of_mermaids_own_is_drawn():
    text = with_action("kind: task, title: 'Ring: now; 5% #1 {x}, y', assign: owner", "{after: 1w, end: first}")
    playbook = playbook_of(text).playbook
    check_gantt(gantt(playbook, previewed(text).calendar, {"main": "act"}, lambda at: when(at)[:10]))
