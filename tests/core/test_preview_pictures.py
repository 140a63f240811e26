"""The pictures: every line is one that Mermaid reads, every id is declared, and no label can break out of its place.

The grammar here is the part of Mermaid's that is used: a label ends at the line's end and has neither a colon nor a
semicolon, but for the codes that Mermaid replaces before it reads (`#58;`).
"""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.preview.gantt import gantt
from engine.core.preview.mermaid import escaped, shortened, state_diagram
from tests.core.story import playbook_of, when, with_action
from tests.core.test_preview import CALL, GIVING, previewed

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
    r"[^:;#,%{}]+ :(milestone, )?(\d{4}-\d\d-\d\d), (\d{4}-\d\d-\d\d|0d)",
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
    assert "    email - Send something :2026-04-01, 2026-04-06" in lines
    assert "    enough :milestone, 2026-05-11, 0d" in lines
    assert all(one != other for one, other in pairwise(lines))


def test_a_title_with_signs_of_mermaids_own_is_drawn():
    text = with_action("kind: task, title: 'Ring: now; 5% #1 {x}, y', assign: owner", "{after: 1w, end: first}")
    playbook = playbook_of(text).playbook
    check_gantt(gantt(playbook, previewed(text).calendar, {"main": "act"}, lambda at: when(at)[:10]))
