"""The mistakes that people make: each points at its line and column and names the cure."""

from __future__ import annotations

import pytest

STEP = "{after: 1bd, to: ask_permission}"

MISTAKES = [
    # what is replaced in the example, by what, rule, line, column, what the problem says (message and hint)
    ("calendar: office", "owner: kim", "unknown-key", 10, 1, "allowed: playbook, title"),
    ("initial: cool_off", "intial: cool_off", "unknown-key", 20, 1, "did you mean 'initial'?"),
    ("        minutes: 10", "        minuts: 10", "unknown-key", 37, 9, "did you mean 'minutes'?"),
    ("kind: call", "kind: cal", "wrong-choice", 33, 15, "did you mean 'call'?"),
    ("from: contact", "from: Contact", "wrong-choice", 18, 30, "did you mean 'contact'?"),
    ("after: 1bd", "after: 6m", "wrong-shape", 29, 17, "write 6min for minutes or 6mo for months"),
    ("after: 1bd", "after: 2 weeks", "wrong-shape", 29, 17, "write 2w"),
    ("after: 1bd", "after: 3", "wrong-type", 29, 17, "3d for days"),
    ("after: 1bd", "after: -1d", "wrong-shape", 29, 17, "a whole number and a unit"),
    ("success: true", "success: yes", "wrong-type", 14, 23, "write true"),
    ("ends:\n", "title: x\nends:\n", "yaml-duplicate-key", 13, 1, "first on line 3"),
    ("      reflect:", "\t  reflect:", "yaml-syntax", 24, 1, "tab"),
    ("title: Ask for", "title: {{ name }}", "yaml-syntax", 35, 16, "needs quotes"),
    ("title: Ask for permission to stay in touch", "title: {{ name }}", "yaml-key", 35, 16, "needs quotes"),
    ("  again: 365d", "  amount: > 5000", "yaml-syntax", 7, 11, "amount: {more_than: 5000}"),
    ("is: lost", "is: >= 5000", "yaml-syntax", 6, 21, "is: {at_least: 5000}"),
    (STEP, "{note: ? really, to: a}", "yaml-syntax", 29, 16, "quotes"),
    (STEP, "{note: ?really, to: a}", "yaml-syntax", 29, 16, "quotes"),
    (STEP, "{note: Re: hello, to: a}", "yaml-syntax", 29, 18, "quotes"),
    ("title: Four-week check-in", "title: Re: check-in", "yaml-syntax", 3, 10, "': '"),
    ("title: Four-week check-in", "title: “Re: x”", "yaml-syntax", 3, 11, "curly quotes"),
    ("title: Four-week check-in", "title: @home", "yaml-syntax", 3, 8, "quotes"),
    ("title: Four-week check-in", "title: *star here", "yaml-syntax", 3, 8, "quotes"),
    ("title: Four-week check-in", "title: 'it's ours'", "yaml-syntax", 3, 12, "''"),
    ("title: Four-week check-in", 'title: "never closed', "yaml-syntax", 3, 8, "does not end"),
    ("title: Four-week check-in", "title:Four", "yaml-syntax", 3, 6, "title: Four"),
    ("limits:\n", "limits: [\n", "yaml-syntax", 12, 3, "either with '['"),
    ("refused, no_answer]", "refused, no_answer", "yaml-syntax", 41, 19, "not closed"),
    ("initial: cool_off\n", "", "missing-key", 20, 1, "'initial' is missing"),
    ("playbook: four-week-check-in\n", "", "missing-key", 2, 1, "'playbook' is missing"),
    ("status: {is: lost}", "status: lost", "wrong-type", 6, 16, "{is: lost}"),
    ("status: {is: lost}", "status: {equals: lost}", "unknown-key", 6, 17, "did you mean 'is'?"),
    (STEP, "{after: 1bd, event: reply, to: a}", "not-together", 29, 10, "one trigger"),
    (STEP, "{after: 1bd, to: a, end: b}", "not-together", 29, 29, "exactly one target"),
    (STEP, "{after: 1bd}", "missing-key", 29, 9, "to, end, finish, stay, pause"),
    (STEP, "{after: 1bd, goto: a}", "unknown-key", 29, 22, "did you mean 'to'?"),
    (STEP, "{from: contact, after: 1bd, to: a}", "missing-key", 29, 10, "'event' is missing"),
    ("event: ask.refused, end: declined", "event: x, to: cool_off", "not-together", 19, 16, "may end, pause or stay"),
    ("kept_in_touch: {}", "won: {}", "wrong-name", 15, 3, "exist in every playbook"),
    ("granted, refused", "granted, skipped", "wrong-choice", 41, 29, "the engine's own"),
    ("granted, refused", "granted, granted", "written-twice", 41, 29, "delete one"),
    ("touches: 4,", "touches: 4.0,", "wrong-type", 12, 15, "a whole number"),
    ("touches: 4,", "touches: 0,", "out-of-range", 12, 15, "at least 1"),
    ("minutes: 10", "minutes: [10]", "wrong-type", 37, 18, "not a list"),
    ("title: Four-week check-in", "title: 5", "wrong-type", 3, 8, '"5"'),
    ("- " + STEP, STEP[1:-1].replace(", ", "\n      "), "wrong-type", 28, 5, "- "),
    ("due: 1bd", "due:", "wrong-type", 36, 13, "a value is missing"),
    (
        "title: Ask for permission to stay in touch",
        "title Ask\n        purpose: >-\n          so",
        "yaml-syntax",
        35,
        9,
        "write 'title: Ask'",
    ),
    ("title: Ask for permission to stay in touch", "title Ask\n        purpose: |", "yaml-syntax", 35, 9, "no ':'"),
    ("title: Ask for permission", "title: >- Ask for permission", "yaml-syntax", 35, 16, "on the next line"),
    ("minutes: 10", "minutes: 10min", "wrong-choice", 37, 18, "such as 10"),
    ("minutes: 10", "priority: high", "wrong-choice", 37, 19, "a number"),
    ("minutes: 10", "expires: {after: 5bd}", "unknown-key", 37, 19, "write 5bd alone"),
    ("kind: call", "kind: phone", "wrong-choice", 33, 15, "did you mean 'call'?"),
    ("status: {is: lost}", "visits: < 2", "wrong-type", 6, 16, "{less_than: 2}"),
    ("status: {is: lost}", "visits: 2", "wrong-type", 6, 16, "{is: 2}"),
    ("contact: decision_maker", "contact: Decision maker", "wrong-shape", 34, 18, "write decision_maker"),
    ("contact: decision_maker", "contact: [decision_maker]", "wrong-type", 34, 18, "without brackets"),
    ("granted, refused, no_answer", "granted refused", "wrong-shape", 41, 20, "with commas: granted, refused"),
    (STEP, "{after: 1bd, go: a}", "unknown-key", 29, 22, "did you mean 'to'?"),
    (STEP, "{after 1bd, to: a}", "yaml-value", 29, 10, "write after: 1bd"),
    (STEP, "after: 1bd, to: a", "yaml-syntax", 29, 9, "into braces: {after: 1bd, to: a}"),
    (STEP, "{after: 1bd, if: visits < 2, to: a}", "wrong-type", 29, 26, "{visits: {less_than: 2}}"),
    (STEP, "{after: 1bd, if: {visits < 2}, to: a}", "yaml-value", 29, 27, "write visits: {less_than: 2}"),
    (STEP, "{event: [reply, won], to: a}", "wrong-type", 29, 17, "only one fits here"),
    ("status: {is: lost}", "status = lost", "yaml-value", 6, 8, "write status: {is: lost}"),
    ("status: {is: lost}", "amount: {at_least: 5,000}", "yaml-value", 6, 29, "without commas"),
    ("status: {is: lost}", "or: [{status: {is: lost}}]", "wrong-type", 6, 12, "write any: instead"),
    ("due: 1bd", "due: 60 days before renewal_date", "wrong-shape", 36, 14, "write 60d before renewal_date"),
    ("[granted, refused, no_answer]", "granted, refused", "wrong-type", 41, 19, "write a list: [granted, refused]"),
    ("      reflect:", "      - reflect:", "wrong-type", 23, 5, "without '- '"),
]


@pytest.mark.parametrize(("good", "bad", "rule", "line", "column", "said"), MISTAKES, ids=lambda value: str(value)[:24])
def test_a_mistake_points_at_its_place_and_names_the_cure(problems_of, example, good, bad, rule, line, column, said):
    assert good in example
    [problem] = problems_of(example.replace(good, bad, 1))
    assert (problem.rule, problem.location.line, problem.location.column) == (rule, line, column)
    assert said in f"{problem.message} ({problem.hint})"


def test_all_mistakes_that_do_not_hide_each_other_are_told_at_once(problems_of, example):
    text = example.replace("kind: call", "kind: cal").replace("due: 1bd", "due: 6m").replace("again:", "agian:")
    assert [(problem.rule, problem.location.line) for problem in problems_of(text)] == [
        ("unknown-key", 7),
        ("wrong-choice", 33),
        ("wrong-shape", 36),
    ]


def test_a_message_never_shows_a_regular_expression(problems_of, example):
    for good, bad, *_ in MISTAKES:
        for problem in problems_of(example.replace(good, bad, 1)):
            assert "(?:" not in problem.message + problem.hint
            assert "^" not in problem.message + problem.hint


def test_the_example_of_the_language_is_valid(problems_of, example):
    assert problems_of(example) == []
