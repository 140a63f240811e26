"""Which playbook takes a lost deal."""

import pytest

from engine.core.account import PastEnrolment, Suppression
from engine.core.enrolling import enrolment_id, examine, rank, take
from engine.core.enrolment import Event
from engine.core.experiment import Draw
from engine.core.model import Order
from tests.core.story import Story, instant, playbook_of, when, world

NOW = "2026-03-02 10:00"
CALLING = "call: {kind: call}"


def playbook(name, enrol="", actions=CALLING):
    return playbook_of(f"""
playbook: {name}
enrol: {{{enrol}}}
initial: act
ends: {{over: {{}}, talked: {{}}}}
states:
  act:
    actions: {{{actions}}}
    transitions: [{{after: 52w, end: over}}]
""").playbook


def past(name, end="over", ended="2026-01-10 10:00", loss="2026-03-02T10:00", facing=True, number=1):
    return PastEnrolment(
        f"e{number}",
        "D1",
        name,
        number,
        instant("2026-01-02 10:00"),
        end,
        instant(ended) if end else None,
        loss,
        facing,
    )


def asked(*playbooks, before=(), now=NOW, order=(), by_person="", told=(), touch=None, **fields):
    story = Story()
    deal = story.deal(**fields)
    if touch:
        touch(story)
    named = {one.name: one for one in playbooks}
    verdicts = examine(
        world(playbooks=order), named, story.account, deal, list(before), instant(now), by_person, frozenset(told)
    )
    return take(verdicts, named, by_person), {verdict.playbook: verdict for verdict in verdicts}


def taken(*playbooks, **keys):
    return asked(*playbooks, **keys)[0]


def test_a_playbook_takes_a_deal_whose_enrol_condition_holds():
    only_price = playbook("a", "if: {lost_reason: {is: price}}")
    assert taken(only_price, lost_reason="price") == ["a"]
    assert taken(only_price, lost_reason="fit") == []


def test_one_loss_is_followed_by_the_first_customer_facing_playbook_in_the_order_of_the_workspace():
    assert taken(playbook("a"), playbook("b"), order=("b", "a")) == ["b"]


def test_what_a_person_ordered_goes_before_the_order_of_the_workspace():
    assert taken(playbook("a"), playbook("b"), order=("b", "a"), by_person="a") == ["a"]


def test_the_next_in_order_takes_what_the_first_does_not():
    assert taken(
        playbook("a"), playbook("b", "if: {lost_reason: {is: price}}"), order=("b", "a"), lost_reason="fit"
    ) == ["a"]


def test_playbooks_with_internal_actions_only_run_beside():
    inner = playbook("inner", actions="look: {kind: review}")
    assert taken(playbook("a"), inner, order=("a", "inner")) == ["a", "inner"]
    assert taken(inner, before=[past("a", end="")]) == ["inner"]


def test_a_customer_facing_fallback_makes_a_playbook_customer_facing():
    sly = playbook("sly", actions="look: {kind: task, fallback: [email]}")
    assert taken(playbook("a"), sly, order=("a", "sly")) == ["a"]


def test_never_two_customer_facing_ones_at_once_not_even_by_a_person():
    assert taken(playbook("b"), before=[past("a", end="")]) == []
    assert taken(playbook("b"), before=[past("a", end="")], by_person="b") == []


def test_after_one_has_ended_another_takes_the_same_loss_only_if_its_enrol_says_so():
    before = [past("a", end="talked")]
    assert taken(playbook("b"), before=before) == []
    assert taken(playbook("b", "follows: {a: [talked]}"), before=before) == ["b"]
    assert taken(playbook("b", "follows: {a: [over]}"), before=before) == []
    assert taken(playbook("b", "event: reply"), before=before, told=["reply"]) == ["b"]
    assert taken(playbook("b"), before=before, by_person="b") == ["b"]


def test_what_an_internal_playbook_has_followed_hinders_no_other():
    assert taken(playbook("b"), before=[past("inner", facing=False)]) == ["b"]


def test_a_newer_loss_may_be_followed_by_any_playbook():
    assert taken(playbook("b"), before=[past("a", loss="2025-05-05T10:00")]) == ["b"]


def test_event_takes_a_deal_only_when_that_event_comes():
    waiting = playbook("a", "event: signal")
    assert taken(waiting) == []
    assert taken(waiting, told=["reply"]) == []
    assert taken(waiting, told=["signal.funding"]) == ["a"]


def test_event_and_if_must_both_hold():
    waiting = playbook("a", "event: signal, if: {lost_reason: {is: price}}")
    assert taken(waiting, told=["signal"], lost_reason="fit") == []
    assert taken(waiting, told=["signal"], lost_reason="price") == ["a"]


def test_without_again_a_deal_is_never_taken_twice():
    assert taken(playbook("a"), before=[past("a", loss="2025-05-05T10:00")]) == []


@pytest.mark.parametrize(
    ("loss", "now", "expected"),
    [
        ("2025-05-05T10:00", "2026-03-11 09:00", []),
        ("2025-05-05T10:00", "2026-03-11 10:00", ["a"]),
        ("2026-03-02T10:00", "2026-03-11 10:00", []),  # the same loss
    ],
)
def test_again_counts_from_the_end_of_the_last_enrolment_and_only_for_a_newer_loss(loss, now, expected):
    again = playbook("a", "again: 60d")
    found, verdicts = asked(again, before=[past("a", loss=loss)], now=now)
    assert found == expected
    if now.endswith("09:00"):
        assert when(verdicts["a"].again_at) == "2026-03-11 10:00"


def test_a_playbook_that_runs_does_not_take_the_deal_a_second_time():
    again = playbook("a", "again: 1d", actions="look: {kind: review}")
    assert taken(again, before=[past("a", end="", facing=False)], by_person="a") == []


def test_an_excused_loss_is_taken_only_by_a_person():
    def excuse(story):
        story.account.deals["D1"].excused = "a duplicate"

    assert taken(playbook("a"), touch=excuse) == []
    assert taken(playbook("a"), touch=excuse, by_person="a") == ["a"]


def test_a_deal_whose_first_contact_is_suppressed_enters_no_customer_facing_playbook():
    def suppress(story):
        story.account.suppressions.append(Suppression("contact", "c1", "", 0, None, "opted out"))

    inner = playbook("inner", actions="look: {kind: review}")
    assert taken(playbook("a"), inner, touch=suppress) == ["inner"]
    assert taken(playbook("a"), touch=suppress, by_person="a") == []


def test_a_suppressed_second_contact_or_channel_holds_nothing_back():
    def suppress(story):
        story.account.suppressions.append(Suppression("contact", "c2", "", 0, None, "opted out"))
        story.account.suppressions.append(Suppression("channel", "c1", "email", 0, None, "opted out"))

    assert taken(playbook("a"), touch=suppress, contacts=("c1", "c2")) == ["a"]


def test_a_suppression_that_is_over_holds_nothing_back():
    def suppress(story):
        story.account.suppressions.append(Suppression("contact", "c1", "", 0, instant(NOW), "not now"))

    assert taken(playbook("a"), touch=suppress) == ["a"]


@pytest.mark.parametrize(
    ("condition", "again_at"),
    [
        ("since.lost_at: {at_least: 9d}", "2026-03-11 00:00"),
        ("since.lost_at: {at_least: 30h}", "2026-03-03 16:00"),
        ("until.renewal_date: {at_most: 60d}", "2026-04-02 00:00"),
        ("lost_reason: {is: fit}", None),
    ],
)
def test_a_deal_is_looked_at_again_when_a_condition_on_time_may_answer_otherwise(condition, again_at):
    found, verdicts = asked(playbook("a", f"if: {{{condition}}}"), renewal_date="2026-06-01")
    assert found == []
    again = verdicts["a"].again_at
    assert (again and when(again)) == again_at


def test_looking_again_finds_the_first_instant_at_which_it_holds():
    waiting = playbook("a", "if: {since.lost_at: {at_least: 9d}}")
    _, verdicts = asked(waiting)
    again = when(verdicts["a"].again_at)
    story = Story()
    deal = story.deal()
    answers = [
        examine(world(), {"a": waiting}, story.account, deal, [], instant(again) - 1 + step)[0].takes for step in (0, 1)
    ]
    assert answers == [False, True]


@pytest.mark.parametrize(
    ("first", "field", "order"),
    [
        ("highest", "deal.amount", ["D2", "D1", "D3"]),
        ("lowest", "deal.amount", ["D1", "D2", "D3"]),
        ("newest", "deal.renewal_date", ["D1", "D2", "D3"]),
        ("oldest", "deal.renewal_date", ["D2", "D1", "D3"]),
    ],
)
def test_order_ranks_and_empty_comes_last(first, field, order):
    story = Story()
    story.deal("D3")
    story.deal("D1", amount=[100, "EUR"], renewal_date="2026-06-02")
    story.deal("D2", amount=[200, "EUR"], renewal_date="2026-06-01")
    deals = story.account.deals.values()
    ranked = sorted(
        deals, key=lambda deal: rank([Order(name=field, first=first)], deal, lambda name: deal.fields.get(name[5:]))
    )
    assert [deal.id for deal in ranked] == order


def test_ties_go_by_loss_date_then_id():
    story = Story()
    story.deal("D3")
    story.deal("D2")
    story.deal("D4", lost_at="2026-01-01T10:00")
    ranked = sorted(story.account.deals.values(), key=lambda deal: rank([], deal, None))
    assert [deal.id for deal in ranked] == ["D4", "D2", "D3"]


def test_an_enrolment_is_stamped_with_its_tick_and_nothing_is_back_dated():
    story = Story(playbook_of("initial: a\nends: {over: {}}\nstates: {a: {transitions: [{after: 1d, end: over}]}}"))
    story.deal(lost_at="2025-12-01T10:00")
    enrolment = story.enrol()
    assert enrolment.enrolled_at == story.now
    assert story.state() == "a"


def test_the_identity_of_an_enrolment_is_its_account_deal_playbook_and_number():
    told = {
        enrolment_id(*keys) for keys in [("a", "D", "p", 1), ("a", "D", "p", 2), ("a", "E", "p", 1), ("b", "D", "p", 1)]
    }
    assert len(told) == 4
    assert enrolment_id("a", "D", "p", 1) in told


def test_a_suppression_that_ends_says_when_to_look_again():
    ends = instant("2026-05-01 10:00")
    built = playbook("test")
    story = Story()
    deal = story.deal()
    story.account.suppressions.append(Suppression("contact", "c1", "", story.now - 1, ends, "for a while"))
    asked = examine(story.world, {"test": built}, story.account, deal, [], story.now)[0]
    assert (asked.takes, asked.again_at) == (False, ends)


def test_a_count_within_a_window_says_when_its_oldest_event_falls_out_of_it():
    quiet = playbook("test", "if: {count: {of: reply, within: 14d, at_most: 0}}")
    story = Story()
    deal = story.deal()
    story.account.log.append(Event("reply", instant("2026-02-25 09:30"), deal="D1"))
    first = examine(story.world, {"test": quiet}, story.account, deal, [], story.now)[0]
    assert not first.takes and first.again_at is not None
    assert when(first.again_at) == "2026-03-11 09:30"
    asked = [examine(story.world, {"test": quiet}, story.account, deal, [], at)[0].takes
             for at in (first.again_at - 2, first.again_at)]  # fmt: skip
    assert asked == [False, True]


def test_of_two_draws_of_a_deal_the_one_that_lasts_longer_says_until_when_nothing_else_may():
    built, draws = playbook("test"), [drawn("short", "2026-04-01 10:00"), drawn("long", "2026-05-01 10:00")]
    story = Story()
    deal = story.deal()
    for listed in (draws, draws[::-1]):
        [asked] = examine(story.world, {"test": built}, story.account, deal, [], story.now, draws=listed)
        assert (asked.takes, asked.again_at) == (False, instant("2026-05-01 10:00"))
        assert asked.why.startswith("the experiment long has drawn it")


def drawn(experiment, until):
    return Draw(
        experiment=experiment, phase=1, unit="deal:D1", account="acme", deal="D1", team="", arm="a", probability=0.5,
        weights={"a": 1.0, "b": 1.0}, drawn_at=instant(NOW) - 1, locked_until=instant(until), revision="r",
        playbook="other",
    )  # fmt: skip
