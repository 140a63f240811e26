"""Content rules: what customers may not read from us, found on every way through a text."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.authoring.content_rules import check_content_rules, intents_of, read_content_rules
from engine.core.branches import MOST, ways
from engine.core.building.findings import Findings
from engine.core.content import ContentRule, breaches, sort_out, template_breaches, waived
from engine.core.model import Waiver
from engine.core.phrases import PhraseError, check_phrase, check_word, line_of, words_of
from engine.core.sentences import sentences

ROOT = Path(__file__).parents[2]
CORPORA = sorted((ROOT / "tests" / "content").rglob("*.yaml"))
EVERY = [
    "no_price_offer", "no_questions_on_bad_news", "no_resell", "no_argue", "no_disparage", "no_push", "no_ask",
    "must_thank", "must_respect_decision", "must_say_not_changing_mind", "must_say_to_learn",
]  # fmt: skip


@lru_cache(maxsize=1)
def content() -> dict:
    """The shipped file, read as `playbook validate` reads it."""
    from engine.authoring.source import read_yaml

    file = ROOT / "playbooks" / "library" / "content-rules.yaml"
    return read_yaml("content-rules.yaml", file.read_bytes()).content


@lru_cache(maxsize=1)
def shipped() -> dict[str, ContentRule]:
    return {rule.name: rule for rule in read_content_rules(content())}


def rule(**keys) -> ContentRule:
    phrases = {key: tuple(keys.pop(key, ())) for key in ("finds", "unless", "requires", "kinds", "intents", "lists")}
    return ContentRule(name=keys.pop("name", "a_rule"), **phrases, **keys)


def broken(one: ContentRule, text: str, **keys) -> bool:
    return bool(breaches([one], text, kind=keys.get("kind", "email"), intent=keys.get("intent", "")))


# --- the shipped rules ----------------------------------------------------------------------------------------------


def test_the_shipped_rules_are_those_of_the_articles_and_each_names_its_row():
    assert sorted(shipped()) == sorted(EVERY)
    findings = Findings()
    check_content_rules(content(), findings)
    assert findings.found == []
    assert all(one.row.startswith("S") and one.means and one.instead for one in shipped().values())
    assert shipped()["no_price_offer"].row == "S4.6"


def test_the_shipped_intents_are_those_that_the_playbooks_name():
    named = set()
    for file in (ROOT / "playbooks").glob("*.yaml"):
        named |= {line.split("intent:")[1].strip() for line in file.read_text().splitlines() if " intent: " in line}
    assert {"bad_news", "accept_loss", "permission", "thanks", "learn", "give", "check_in"} <= set(
        intents_of(content())
    )
    assert named <= set(intents_of(content()))


@pytest.mark.parametrize("path", CORPORA, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_rule_finds_what_it_is_for_and_leaves_the_rest_alone(path):
    corpus = yaml.safe_load(path.read_text(encoding="utf-8"))
    one = shipped()[path.stem]

    def says(sentence: str) -> bool:
        return broken(one, sentence, kind=corpus["kind"], intent=corpus["intent"]) != bool(one.requires)

    missed = [sentence for sentence in corpus["found"] if not says(sentence)]
    alarms = [sentence for sentence in corpus["innocent"] if says(sentence)]
    known = corpus.get("known_misses", [])
    print(  # noqa: T201 - the table of `pytest -s`
        f"\n{path.stem:28} found {len(corpus['found']) - len(missed)}/{len(corpus['found'])}"
        f"  false alarms {len(alarms)}/{len(corpus['innocent'])}",
        *missed,
        *alarms,
        sep="\n    ",
    )
    assert sorted(missed) == sorted(known)
    assert alarms == []


@pytest.mark.parametrize("name", EVERY)
def test_every_rule_has_a_corpus_to_be_measured_on(name):
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in CORPORA if path.stem == name]
    assert sum(len(each["found"]) for each in found) >= 40
    assert sum(len(each["innocent"]) for each in found) >= 40


def test_s4_6_an_offer_of_a_lower_price_is_found_in_every_text_for_a_customer():
    for kind in ("call", "email", "letter", "card", "meeting", "sms", "social"):
        [found] = breaches(shipped().values(), "Dear Ms Okafor,\n\nWe could offer 10 % off.\n", kind=kind)
        assert (found.rule, found.row, found.line) == ("no_price_offer", "S4.6", 3)
    assert breaches(shipped().values(), "We could offer 10 % off.", kind="task") == []


def test_s4_4_the_call_with_the_bad_news_may_ask_to_come_back_and_nothing_else():
    one = shipped()["no_questions_on_bad_news"]
    assert not broken(one, "Thank you. May I call you in a few days?", kind="call", intent="bad_news")
    [found] = breaches(
        [one], "May I call you in a few days? And why did\nyou choose them?", kind="call", intent="bad_news"
    )
    assert (found.line, found.words) == (1, "And why did you choose them?") and found.row == "S4.5"
    assert not broken(one, "Why did you choose them?", kind="call", intent="learn")


def test_what_a_sheet_tells_the_rep_not_to_do_is_no_alarm():
    sheet = (
        "Not in this call: why we lost, a better price, another look at the offer.\n\n"
        "Do not argue, do not explain the offer again, do not sell.\n\n"
        "Never:\n- offer a discount\n- a bad word about the supplier they chose\n- explain our proposal once more\n\n"
        "AVOID\n\n- change their mind\n- a lower price\n"
    )
    assert breaches(shipped().values(), sheet, kind="call", intent="check_in") == []


def test_a_list_under_an_inviting_line_is_no_excuse():
    sheet = "You may say:\n- we could lower the price\n"
    assert [found.line for found in breaches(shipped().values(), sheet, kind="call")] == [2]


# --- phrases --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "text", "stands"),
    [
        ("we/I offer", "I offer it", True),
        ("we/I offer", "you offer it", False),
        ("we ... offer", "We can, of course, gladly offer it.", True),
        ("we ... offer", "We are not the ones who would offer it.", False),
        ("offer*", "these offerings", True),
        ("offer", "these offerings", False),
        ("do not", "I DON’T know", True),
        ("we will", "We'll see", True),
        ("cannot", "I can't", True),
        ("e-mail", "an E-Mail", True),
        ("NUMBER %", "only 12.5% more", True),
        ("NUMBER %", "no % at all", False),
        ("(thank you/many thanks) again", "Many\n  thanks   again", True),
        ("START ask", "Ask them.", True),
        ("START ask", "Do ask them.", False),
        ("again END", "Once again.", True),
        ("better price", "A better, lower price", False),
        ("better price", "A better - price", True),
        ("customer*", "the customer's words", True),
        ("PRICE", "the monthly fee", True),
        ("for AMOUNT", "We would do it for 12,000.", True),
        ("for AMOUNT", "for 40k, say", True),
        ("for AMOUNT", "for € 300", True),
        ("for AMOUNT", "for nine thousand", True),
        ("for AMOUNT", "for 300 euros", True),
        ("for AMOUNT", "planned for 2027", False),
        ("for AMOUNT", "for 300 beds", False),
    ],
)
def test_a_phrase_means_what_the_head_of_the_file_says(phrase, text, stands):
    one = rule(finds=[phrase], lists=[("PRICE", ("price", "monthly fee"))])
    assert broken(one, text) is stands


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("... offer", "gap"), ("offer ...", "gap"), ("", "empty"), ("(a b", "brackets"), ("a (b (c))", "brackets"),
        ("a//b", "nothing between"), ("OFFER us", "no list 'OFFER'"), ("THIS offer", "unless"),
        (" ".join(["word"] * 17), "too long"), ("a ... b ... c ... d ... e", "too long"), ("!!", "nothing between"),
        ("[a-z]+", "never found"), ("discount**", "never found"), ("dis*count", "never found"), ("*", "never found"),
        ("PRICE*", "never found"), ("NUMBER%", "never found"), ("^offer$", "never found"), ("we START", "never found"),
        ("END of it", "never found"), ("START", "no word"), ("START ... END", "no word"), ("(START/END)", "no word"),
    ],
)  # fmt: skip
def test_a_phrase_that_cannot_be_read_is_refused_with_a_reason(phrase, says):
    with pytest.raises(PhraseError, match=says):
        check_phrase(phrase, {})


@pytest.mark.parametrize(
    ("phrase", "says"), [("THIS", "no word"), ("THIS ... THIS", "twice"), ("START THIS", "no word")]
)
def test_an_unless_that_excuses_nothing_or_everything_is_refused(phrase, says):
    with pytest.raises(PhraseError, match=says):
        check_phrase(phrase, {}, unless=True)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("WE", "the list WE names itself"), ("PRICE", "the list WE names the list PRICE"), ("a/b", "no word"),
        ("START", "cannot stand in a list"), ("a ... b", "no word"), ("pric*e", "never found"),
    ],
)  # fmt: skip
def test_a_word_that_cannot_stand_in_a_list_is_refused_with_a_reason(word, says):
    with pytest.raises(PhraseError, match=says):
        check_word(word, "WE", {"WE": ("we",), "PRICE": ("price",)})


def test_every_phrase_that_is_shipped_is_found_in_a_text_that_says_it():
    for one in shipped().values():
        for phrase in (*one.finds, *one.requires):
            alone = rule(finds=[phrase], lists=one.lists)
            assert broken(alone, said(phrase, dict(one.lists))), phrase


def said(phrase: str, lists: dict) -> str:
    """The shortest text that says `phrase`: the first word of each choice."""
    words = []
    for item in re.findall(r"\([^()]*\)|[^\s()]+", phrase):
        first = item.strip("()").split("/")[0]
        words += lists.get(first, (first,))[0].split() if first != "..." else []
    plain = {"NUMBER": "7", "AMOUNT": "12,000", "START": "", "END": ""}
    return " ".join(plain.get(word, word.rstrip("*")) for word in words)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="aB ./()*…NUMBERTHIS'’%?[]{}\\^$|+-", max_size=40), st.text(max_size=80))
def test_any_phrase_is_refused_or_can_be_searched_in_any_text(phrase, text):
    try:
        check_phrase(phrase, {})
    except PhraseError:
        return
    broken(rule(finds=[phrase]), text)


@pytest.mark.parametrize(
    "unit",
    [
        "we ",
        "we could ",
        "not we could offer ",
        "a",
        "' ",
        "1.",
        "10 % ",
        ", ",
        "don't ",
        "(",
        "x. ",
        "\n- ",
        "?",
        "we,",
    ],
)
def test_the_time_to_search_a_hostile_text_grows_with_its_length_and_no_faster(unit):
    def spent(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        start = process_time()
        breaches(shipped().values(), text, kind="email", intent="learn")
        return process_time() - start

    spent(2_000)  # the phrases are compiled once
    assert spent(32_000) < max(16 * 4 * spent(2_000), 1.5)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_sentences_cover_every_word_of_a_text_once_and_in_order(text):
    found = list(sentences(text))
    assert all(one.start < one.end for one in found)
    assert all(one.end <= after.start for one, after in pairwise(found))
    inside = [word.text for one in found for word in words_of(text[one.start : one.end])]
    assert [word for word in inside if len(word) > 1 and word.isalpha()] == [
        word.text for word in words_of(text) if len(word.text) > 1 and word.text.isalpha()
    ]


def test_lines_that_wrap_belong_together_and_list_items_do_not():
    text = "I would like to thank you for the\ntime you took.\n\n1. Listen\n2. Thank them\nPhone: none\nAbout: a deal\n"
    found = [" ".join(text[one.start : one.end].split()) for one in sentences(text)]
    assert found == [
        "I would like to thank you for the time you took.", "Listen", "Thank them", "Phone: none", "About: a deal",
    ]  # fmt: skip


def test_words_keep_their_places_through_short_forms():
    words = words_of("We don't")
    assert [(word.text, word.start, word.end) for word in words] == [("we", 0, 2), ("do", 3, 8), ("not", 3, 8)]
    assert line_of(["a", "b"]).text == " \x02 a b \x03 "


def test_unless_excuses_the_words_it_stands_around_and_not_the_rest_of_the_sentence():
    one = rule(finds=["lower price", "discount"], unless=["not ... THIS"])
    assert not broken(one, "We will not offer a discount.")
    assert broken(one, "If that is not right, we offer a discount.")
    assert broken(one, "We do not give a discount but there may be a lower price.")
    assert broken(one, "It is not nice but we have a discount.")


# --- templates ------------------------------------------------------------------------------------------------------


def found_in(source: str, one: ContentRule) -> list[tuple[int, str]]:
    return [(found.line, found.words) for found in template_breaches([one], source, kind="email")]


def test_every_branch_of_a_template_is_looked_at_and_the_line_is_that_of_the_file():
    source = "Hello\n{% if a.b %}\nfine\n{% elif c %}\n\nwe offer\n a rebate\n{% else %}\nso long\n{% endif %}\nBye\n"
    assert found_in(source, rule(finds=["offer a rebate"])) == [(6, "offer a rebate")]


def test_a_phrase_may_span_a_branch_and_a_value_is_one_unknown_word():
    assert found_in("We {% if x %}never {% endif %}offer", rule(finds=["we offer"])) == [(1, "We offer")]
    assert found_in("we {{ name }} offer", rule(finds=["we ... offer"])) == [(1, "we … offer")]
    assert found_in("we {{ name }} offer", rule(finds=["we offer"])) == []
    assert found_in("take {{ cut }} % off", rule(finds=["NUMBER % off"])) == [(1, "… % off")]
    assert found_in('{{ name | default("a rebate") }}', rule(finds=["rebate"])) == [(1, "a rebate"[2:])]


def test_what_is_required_must_be_said_on_every_way_through():
    one = rule(requires=["thank you"])
    assert found_in("{% if a %}Thank you{% else %}Thank you all{% endif %}", one) == []
    assert found_in("{% if a %}Thank you{% endif %}", one) == [(1, "")]
    assert found_in("{% if a %}Thank you{% endif %} x {% if not a %}thank you{% endif %}", one) == []
    assert found_in("{% if a %}Thank{% else %}thank{% endif %} you", one) == []


def test_a_template_with_very_many_ifs_is_read_in_bounded_time_and_each_branch_is_looked_at():
    many = "".join(f"{{% if a{n} %}}yes{n}. {{% else %}}no{n}. {{% endif %}}\n" for n in range(40))
    assert len(ways(many)) <= MOST
    for n in (0, 20, 39):
        assert found_in(many, rule(finds=[f"yes{n}"])) == found_in(many, rule(finds=[f"yes {n}"]))
    text = many + "{% if last %}a rebate{% endif %}"
    assert found_in(text, rule(finds=["rebate"])) == [(41, "rebate")]
    assert found_in(text, rule(requires=["rebate"])) == [(1, "")]


def test_an_empty_text_breaks_nothing():
    assert breaches([rule(requires=["thanks"])], " \n", kind="email") == []
    assert template_breaches([rule(requires=["thanks"])], "", kind="email") == []


def test_a_rule_holds_for_its_kinds_and_intents_only():
    one = rule(finds=["rebate"], kinds=["email"], intents=["learn"])
    assert one.holds("email", "learn")
    assert not one.holds("call", "learn") and not one.holds("email", "") and not one.holds("task", "learn")


def test_a_waiver_lets_exactly_its_rule_pass():
    both = [rule(name="one", finds=["rebate"]), rule(name="two", finds=["rebate"])]
    given_up = (Waiver(rule="two", by="ana", on="2026-03-02", because="they asked for it"),)
    standing, passed = sort_out(breaches(both, "a rebate", kind="email"), given_up)
    assert [found.rule for found in standing] == ["one"]
    assert [(found.rule, waiver.by) for found, waiver in passed] == [("two", "ana")]
    assert waived(given_up, "one") is None
