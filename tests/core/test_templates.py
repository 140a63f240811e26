"""Templates: names, defaults and `if`, and nothing more."""

import pytest

from engine.core.roster import Person, Roster
from engine.core.templates import MOST_CHARACTERS, TemplateError, mentions, render
from tests.core.story import Story, playbook_of, world

KNOWN = {"name": "Acme", "contact.name": "Ann", "amount": None, "lost_at": "2026-03-02T10:00", "deal.name": "Big one"}


def rendered(text):
    return render(text, KNOWN.get)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear {{ contact.name }},", "Dear Ann,"),
        ('{{ amount | default("something") }}', "something"),
        ('{{ name | default("something") }}', "Acme"),
        ("{% if amount %}{{ amount }}{% else %}no amount{% endif %}", "no amount"),
        ("{% if name %}{{ name }}{% endif %}", "Acme"),
        ('{% if name == "Acme" %}yes{% elif amount %}no{% endif %}', "yes"),
        ("{{ name | upper }} {{ lost_at | date }}", "ACME 2 March 2026"),
        ("{{ deal.name }} of {{ contact.name }}", "Big one of Ann"),
        ("no names, 100 % plain { } text", "no names, 100 % plain { } text"),
    ],
)
def test_a_template_has_names_defaults_ifs_and_a_few_filters(text, expected):
    assert rendered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{% for one in name %}{{ one }}{% endfor %}",
        "{{ name() }}",
        "{{ name.upper() }}",
        "{{ 1 + 1 }}",
        "{{ name * 9 }}",
        "{{ name ~ name }}",
        "{{ name[0] }}",
        "{{ name.__class__.__mro__ }}",
        "{{ name | attr('x') }}",
        "{{ name | tojson }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% macro x() %}{% endmacro %}",
        "{% if name is divisibleby 3 %}{% endif %}",
        "{{ [1] }}",
        "{{ {'a': 1} }}",
        "{{ name",
        "{% if name %}",
        "{{ }}",
    ],
)
def test_a_template_has_nothing_more(text):
    with pytest.raises(TemplateError):
        rendered(text)


def test_an_error_says_its_line():
    with pytest.raises(TemplateError) as caught:
        mentions("Dear you,\n\n{{ name() }}")
    assert caught.value.line == 3


@pytest.mark.parametrize("text", ["{{ amount }}", "{{ nobody }}", "{% if name %}{{ amount }}{% endif %}"])
def test_an_empty_name_without_a_default_is_an_error_and_never_silently_nothing(text):
    with pytest.raises(TemplateError):
        rendered(text)


def test_mentions_tell_every_name_its_line_and_whether_it_may_be_empty():
    text = '{{ name }}\n{{ amount | default("-") }}\n{% if lost_at %}{{ lost_at }}{% else %}{{ lost_at }}{% endif %}'
    assert [(one.name, one.line, one.guarded) for one in mentions(text)] == [
        ("name", 1, False), ("amount", 2, True), ("lost_at", 3, True), ("lost_at", 3, True), ("lost_at", 3, False),
    ]  # fmt: skip


def test_the_output_is_capped():
    with pytest.raises(TemplateError):
        render("{{ name }}" * 3, lambda _name: "x" * (MOST_CHARACTERS // 2))


def test_values_are_never_read_as_templates():
    assert render("{{ name }}", lambda _name: "{{ secret }}") == "{{ secret }}"


# --- at the hand-out ------------------------------------------------------------------------------------------------


def handed(title, due="1d", event="", **fields):
    people = world(roster=Roster(people={"kim": Person(id="kim", name="Kim Sales")}))
    story = Story(
        playbook_of(f"""
params: {{hours: 4}}
templates: {{letter: "{title}"}}
initial: ask
ends: {{over: {{}}}}
states:
  ask:
    actions: {{one: {{kind: call, due: {due}, title: '{title}', template: letter}}}}
    transitions:
      - {{event: reply, stay: true, set: {{who: {{field: event.seniority}}}}}}
      - {{after: 52w, end: over}}
"""),
        world=people,
    )
    story.deal(**fields)
    changes = []
    story.enrol()
    if event:
        story.record(event, seniority="senior")
    while not changes or not changes[-1].handed_out:
        story.now += 12 * 3600
        changes.append(story._advancing().run())
        assert len(changes) < 9
    columns = changes[-1].actions[changes[-1].handed_out[0]]
    assert columns["title"] == columns["text"]
    return columns["title"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Call {{ contact.name }} about {{ name }}", "Call c1 about D1"),
        ("{{ owner.name }} calls", "Kim Sales calls"),
        ("It was {{ amount }}", "It was 1,250 EUR"),
        ("Within {{ hours }} hours", "Within 4 hours"),
        pytest.param("Visit {{ visits }}", "Visit 1"),
        pytest.param("In {{ track.main }}", "In ask"),
    ],
)
def test_titles_and_texts_know_the_names_of_conditions(title, text):
    assert handed(title, amount=[125_000, "EUR"]) == text


def test_the_text_is_rendered_when_the_action_is_handed_out():
    assert handed("A {{ who }} person", event="reply") == "A senior person"
