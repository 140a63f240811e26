"""A number means the same wherever it stands: as a literal, as a parameter, in a lookup, in a field."""

from dataclasses import replace

import pytest
import yaml

from engine.core.building import build_playbook
from engine.core.building.revision import pinned, revision_from
from engine.core.conditions import describe
from engine.core.enrolling import examine
from engine.core.model import Revision
from engine.core.vocabulary import EventKind, Field, Vocabulary, vocabulary
from tests.core.story import EVENTS, FIELDS, VOCABULARY, Story, playbook_of
from tests.core.test_facts import asking

MORE = [
    Field(name="deal.budget", type="money", currency="EUR", playbooks_may_write=True),
    Field(name="deal.yen", type="money", currency="JPY", playbooks_may_write=True),
    Field(name="deal.rank", type="number", playbooks_may_write=True),
    Field(name="deal.tags", type="choices", values=("a", "b"), playbooks_may_write=True),
    Field(name="deal.checked", type="yes_no", playbooks_may_write=True),
    Field(name="deal.renewal_date", type="date", playbooks_may_write=True),
]
PAID = EventKind(name="paid", fields={"sum": Field(name="event.sum", type="money"),
                                      "on": Field(name="event.on", type="date")})  # fmt: skip
WORDS: Vocabulary = vocabulary([*FIELDS, *MORE], [*EVENTS, PAID])


def built(text, **params):
    """The playbook, and what is wrong with it as (path, rule)."""
    content = {"playbook": "test", "title": "Test", "params": params, **yaml.safe_load(text)}
    playbook, words = build_playbook(content, WORDS)
    found = [(".".join(map(str, one.path)), one.rule) for one in words.findings.found]
    return Revision(hash="test", playbook=playbook), found


def holds(condition, params=None, before="", **fields):
    revision, found = built(asking(condition, before), **(params or {}))
    assert found == []
    story = Story(revision)
    story.deal(**fields)
    story.enrol()
    story.record("signal")
    story.record("reply")
    story.tick()
    return story.state() == "end:holds"


ASKED = "amount: {at_least: {field: smallest}}"
FOR_KIM = {"by": "owner", "values": {"kim": 100_000}, "otherwise": 200_000}


@pytest.mark.parametrize(
    ("condition", "params"),
    [
        ("amount: {at_least: 100000}", {}),
        (ASKED, {"smallest": 100_000}),
        (ASKED, {"smallest": FOR_KIM}),
        (ASKED, {"smallest": {"field": "least"}, "least": 100_000}),
        ("amount: {at_least: {by: owner, values: {kim: 100000}, otherwise: 200000}}", {}),
        ("not: {amount: {less_than: {field: smallest}}}", {"smallest": 100_000}),
    ],
)
def test_an_amount_is_compared_with_whole_units_wherever_they_stand(condition, params):
    assert holds(condition, params, amount=[10_000_000, "USD"])
    assert not holds(condition, params, amount=[9_999_999, "USD"])


@pytest.mark.parametrize("source", ["{field: least}", "{by: owner, values: {kim: 5000}, otherwise: 1}"])
def test_an_amount_in_a_currency_without_cents_is_compared_in_it(source):
    assert holds(f"yen: {{at_least: {source}}}", {"least": 5000}, yen=[5000, "JPY"])
    assert not holds(f"yen: {{at_least: {source}}}", {"least": 5000}, yen=[4999, "JPY"])
    assert holds(f"amount: {{at_least: {source}}}", {"least": 5000}, amount=[5000, "JPY"])


def test_a_parameter_beside_an_amount_in_another_currency_is_false():
    assert not holds("budget: {at_least: {field: least}}", {"least": 1}, budget=[5000, "USD"])


def test_a_number_that_set_wrote_is_whole_units_beside_an_amount():
    before = "- {event: signal, stay: true, set: {limit: 5000}}"
    assert holds("amount: {at_least: {field: limit}}", before=before, amount=[500_000, "USD"])
    assert not holds("amount: {at_least: {field: limit}}", before=before, amount=[499_999, "USD"])


def test_an_amount_that_set_kept_is_compared_with_whole_units():
    before = "- {event: signal, stay: true, set: {kept: {field: amount}}}"
    assert holds("kept: {at_least: 5000}", before=before, amount=[500_000, "USD"])
    assert not holds("kept: {at_least: 5000}", before=before, amount=[499_999, "USD"])


def test_what_a_lookup_of_amounts_says_is_told_in_whole_units():
    revision, _ = built(asking(ASKED), smallest=FOR_KIM)
    condition = revision.playbook.tracks["main"].states["wait"].transitions[0].condition
    assert describe(condition) == ("deal.amount at least what stands by deal.owner: kim 100,000, otherwise 200,000")


@pytest.mark.parametrize(
    ("written", "name", "found"),
    [
        ("deal.budget: 5000", "budget", [500_000, "EUR"]),
        ("deal.budget: {field: some}", "budget", [700, "EUR"]),
        ("deal.yen: {by: owner, values: {kim: 20}, otherwise: 3}", "yen", [20, "JPY"]),
        ("deal.tags: a", "tags", ["a"]),
        ("deal.rank: 4", "rank", 4),
    ],
)
def test_set_writes_a_field_in_its_own_type(written, name, found):
    revision, problems = built(
        asking("visits: {at_least: 1}", f"- {{event: signal, stay: true, set: {{{written}}}}}"), some=7
    )
    assert problems == []
    story = Story(revision)
    deal = story.deal()
    story.enrol()
    story.record("signal")
    story.tick()
    assert deal.fields[name] == found


@pytest.mark.parametrize(
    ("condition", "value", "rule"),
    [
        ("amount: {at_least: {field: it}}", "viel", "wrong-type"),
        ("amount: {at_least: {field: it}}", "1000 USD", "wrong-type"),
        ("amount: {at_least: {field: it}}", True, "wrong-type"),
        ("rank: {is: {field: it}}", "four", "wrong-type"),
        ("checked: {is: {field: it}}", "yes", "wrong-type"),
        ("renewal_date: {before: {field: it}}", "soon", "bad-date"),
        ("lost_reason: {is: {field: it}}", "prise", "unknown-value"),
        ("tags: {contains: {field: it}}", "c", "unknown-value"),
        ("since.lost_at: {at_least: {field: it}}", "4 weeks", "bad-duration"),
        ("'count': {of: reply, at_least: {field: it}}", "twice", "wrong-type"),
    ],
)
def test_a_parameter_that_does_not_fit_is_told_where_it_is_written(condition, value, rule):
    _, found = built(asking(condition), it=value)
    assert found == [("params.it", rule)]
    _, found = built(asking(condition), it={"by": "owner", "values": {"kim": value}, "otherwise": value})
    assert found == [("params.it.values.kim", rule), ("params.it.otherwise", rule)]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("deal.budget: plenty", "wrong-type"),
        ("deal.checked: {by: owner, values: {kim: 1}, otherwise: true}", "wrong-type"),
        ("deal.renewal_date: '2026-02-30'", "bad-date"),
        ("deal.tags: c", "unknown-value"),
        ("deal.budget: {field: rank}", "wrong-type"),
        ("contact.permission: maybe", "unknown-value"),
    ],
)
def test_what_set_writes_has_to_fit_the_field(written, rule):
    _, found = built(asking("visits: {at_least: 1}", f"- {{event: signal, stay: true, set: {{{written}}}}}"))
    assert [each[1] for each in found] == [rule]


@pytest.mark.parametrize(
    "condition",
    ["amount: {at_least: {field: rank}}", "rank: {at_least: {field: name}}", "renewal_date: {before: {field: rank}}",
     "'count': {of: paid, where: {event.sum: {is: {field: amount}}}, at_least: 1}"],
)  # fmt: skip
def test_fields_of_types_that_never_compare_are_a_problem(condition):
    _, found = built(asking(condition))
    assert [each[1] for each in found] == ["wrong-type"]


def test_parameters_that_stand_for_each_other_are_a_problem_and_no_endless_loop():
    _, found = built(asking("visits: {at_least: 1}", "- {after: soon, stay: true}"), soon="later", later="soon")
    assert found == [("params.soon", "parameter-loop")]


def test_amounts_and_dates_of_counted_events_are_compared_in_their_type():
    asked = "'count': {of: paid, where: {event.sum: {at_least: {field: least}}, event.on: {before: 2026-03-05}}, is: 1}"
    revision, found = built(asking(asked), least=50)
    assert found == []
    story = Story(revision)
    story.deal()
    story.enrol()
    story.record("paid", sum=[4999, "EUR"], on="2026-03-01")
    story.record("paid", sum=[5000, "EUR"], on="2026-03-04T10:00")
    story.record("paid", sum=[5000, "EUR"], on="2026-03-05")
    story.record("reply")
    story.tick()
    assert story.state() == "end:holds"


def test_a_revision_pinned_with_a_parameter_that_never_fitted_goes_on():
    content = {"playbook": "test", "title": "Test", "params": {"least": "plenty"}, **yaml.safe_load(asking(
        "amount: {at_least: {field: least}}"))}  # fmt: skip
    revision = revision_from(pinned(content, WORDS, {}), "test")
    story = Story(revision)
    story.deal(amount=[5000, "USD"])
    story.enrol()
    story.record("reply")
    story.tick()
    assert story.state() == "wait"


@pytest.mark.parametrize("given", ["zwei", "true", "null"])
def test_what_cannot_be_put_in_an_order_is_neither_more_nor_less(given):
    given = f"{{by: owner, values: {{kim: {given}}}, otherwise: 9}}"
    assert not holds("x: {more_than: 1}", before=f"- {{event: signal, stay: true, set: {{x: {given}}}}}")


def test_one_value_where_a_list_may_stand_is_a_list_of_one():
    revision, _ = built(asking("name: {any_of: {field: wanted}}"), wanted="west")
    assert revision.playbook.tracks["main"].states["wait"].transitions[0].condition.operand.content == ("west",)
    assert not holds("name: {any_of: {field: wanted}}", {"wanted": "west"}, name="we")
    assert holds("name: {any_of: {field: wanted}}", {"wanted": "west"}, name="west")
    assert holds("name: {none_of: {field: wanted}}", {"wanted": "west"}, name="we")


# --- parameters by their bare names -----------------------------------------------------------------------------------


def takes(condition, params, **fields):
    playbook = playbook_of(f"enrol: {{if: {{{condition}}}}}\n{asking('visits: {is: 1}')}", **params).playbook
    story = Story()
    deal = story.deal(**fields)
    [verdict] = examine(
        replace(story.world, vocabulary=VOCABULARY), {"test": playbook}, story.account, deal, [], story.now
    )
    return verdict.takes


@pytest.mark.parametrize(
    ("condition", "params", "expected"),
    [
        ("with_card: {is: true}", {"with_card": True}, True),
        ("with_card: {is: true}", {"with_card": False}, False),
        ("with_card: {is: true}", {"with_card": {"by": "owner", "values": {"kim": True}, "otherwise": False}}, True),
        ("most: {at_least: 3}", {"most": 3}, True),
        ("lost_reason: {is: {by: mood, values: {good: price}, otherwise: fit}}", {"mood": "good"}, True),
    ],
)
def test_the_enrol_condition_knows_parameters_by_their_bare_names(condition, params, expected):
    assert takes(condition, params, lost_reason="price") is expected


def test_a_bare_parameter_has_the_type_of_its_value():
    _, found = built(asking("with_card: {is: maybe}"), with_card=True)
    assert [each[1] for each in found] == ["wrong-type"]
    _, found = built(asking("mood: {at_least: 3}"), mood="good")
    assert [each[1] for each in found] == ["wrong-operator"]


def test_a_parameter_is_the_same_inside_an_enrolment():
    assert holds("with_card: {is: true}", {"with_card": True})
    assert not holds("with_card: {is: true}", {"with_card": False})
