"""The rows of “How to follow up lost sales”."""

from __future__ import annotations

import json
from typing import Any

from engine.authoring.composing import compose
from engine.authoring.places import Source
from tests.rows.shop import Shop

GRACEFUL = """
playbook: graceful-reply
deal:
  id: D1
  name: Site reports
  account: Acme
  owner: noor
  team: east
  lost_at: 2026-03-02T10:00
  notified_at: 2026-03-02T10:00
  notified_by: phone
account: {name: Acme}
contacts:
  - {id: C1, role: decision_maker, name: Sofia Bell, first_name: Sofia, phone: "1", email: s@acme.example, postal_address: 1 Road}
scenarios:
"""  # noqa: E501
TEMPLATES = "playbooks/library/templates"
PLAYBOOK = "playbooks/graceful-reply.yaml"
RESPECTFUL = "Thank you for telling us. I respect your decision."


def test_s4_1_a_loss_that_nobody_learned_from_is_counted_and_so_is_what_losses_brought(shop: Shop) -> None:
    lost = {"status": "lost", "lost_at": "2026-02-02", "notified_by": "phone", "amount": "5000"}
    shop.begin(
        deal("D1", **lost),
        deal("D2", **lost),
        deal("D3", status="lost", lost_at="2026-03-01", notified_by="phone"),
        deal("W1", status="won", won_at="2026-02-27", amount="8000", follows_deal="D1", account="Elsewhere"),
    )
    assert shop.report("untouched")["facts"]["untouched"] == 2
    done(shop, "D1", "2026-03-02T11:00")
    shop.tick("2026-03-02T11:00")
    report = shop.report("untouched")
    assert report["facts"] | {"untouched": 1, "touched": 1, "younger": 1} == report["facts"]
    assert [row["deal"] for row in report["tables"]["deals"]["rows"]] == ["D2"]
    assert shop.report("untouched", "--days", "1")["facts"]["untouched"] == 2  # the fresh one is not forgotten for ever

    brought = shop.report("winback")
    assert brought["facts"] | {"wins": 1, "linked": 1, "revenue_minor": {"USD": 800_000}} == brought["facts"]
    assert [(row["win"], row["follows"]) for row in brought["tables"]["wins"]["rows"]] == [("W1", "D1")]


def test_s4_2_a_deal_that_is_done_is_not_pushed_and_no_closing_technique_can_be_attached(shop: Shop) -> None:
    for pushed in (
        "If we could start on Monday, would you sign today?",
        "What would it take to win your business back?",
        "I need your answer by Friday.",
        "This offer is only valid until Friday, so act now.",
        "Give us one more chance before you sign.",
    ):
        assert ("no_push", "S4.2") in [(one.rule, one.row) for one in shop.found(pushed, kind="call")], pushed
    for kind in ("call", "email", "letter", "card", "meeting", "sms", "social"):
        assert "no_push" in shop.breaches("Would you sign today?", kind=kind)
    assert shop.breaches("Thank you. I will not push: you decided, and we respect it.", kind="call") == []

    write(shop, "closing_technique", f"{RESPECTFUL} If we changed one thing, would you sign today?")
    facing = {"bad_news_call": "bad_news_call", "reply_by_email": "reply_email", "close_kindly": "kind_card"}
    for state, action in facing.items():
        change(shop, state, action, template="closing_technique")
    [problem] = [one for one in problems(shop) if "no_push (S4.2)" in one]
    assert "closing_technique.txt:1:" in problem
    assert f"actions {', '.join(facing.values())}" in problem


def test_s4_3_whoever_phones_with_bad_news_is_thanked_before_anything_else(shop: Shop) -> None:
    shop.plays(f"""{GRACEFUL}
  - scenario: they phone
    steps:
      - expect:
          due: [bad_news_call]
          kind: {{bad_news_call: call}}
          contact: {{bad_news_call: C1}}
          text: {{bad_news_call: {{contains: '1. "Thank you'}}}}
  - scenario: they say it to our face
    deal: {{notified_by: in_person}}
    steps:
      - expect: {{due: [bad_news_call]}}
  - scenario: they write
    deal: {{notified_by: email}}
    steps:
      - expect: {{due: [reply_email], never: [bad_news_call]}}
""")
    first, *_ = shop.action("graceful-reply", "bad_news_call").do
    assert first.startswith("Thank them")
    call = "May I call you in a few days?"
    assert shop.breaches(call, kind="call", intent="bad_news") == ["must_thank"]
    assert shop.breaches(f"Thank you for telling me. {call}", kind="call", intent="bad_news") == []


def test_s4_4_the_one_question_is_whether_we_may_call_in_a_few_days_and_only_a_yes_makes_the_task(shop: Shop) -> None:
    yes = """
  - scenario: they say yes
    steps:
      - expect: {text: {bad_news_call: {contains: ["May I call you in a few days, to learn"]}}}
      - event: bad_news_call.may_follow_up
      - until: %s
      - expect: {due: []}
      - until: %s
      - expect: {due: [learning_call], kind: {learning_call: call}}
"""
    shop.plays(f"""{GRACEFUL}{yes % ("2026-03-05T09:59", "2026-03-05T10:00")}
  - scenario: they say no
    steps:
      - event: bad_news_call.rather_not
      - wait: 30d
      - expect: {{ended: declined, never: [learning_call]}}
  - scenario: it was not asked
    steps:
      - event: bad_news_call.not_asked
      - wait: 30d
      - expect: {{happened: [reply_email], never: [learning_call]}}
  - scenario: nobody says how it went
    steps:
      - wait: 30d
      - expect: {{happened: [bad_news_call.expired], never: [learning_call]}}
""")
    set_parameter(shop, 'follow_up_after = "5bd"')
    again(shop).plays(GRACEFUL + yes % ("2026-03-09T09:59", "2026-03-09T10:00"))


def test_s4_5_the_call_with_the_bad_news_has_no_questions_and_the_debrief_comes_on_another_day(shop: Shop) -> None:
    for asked in ("Why did you choose them?", "Tell me what decided it.", "Ask what we could have done better"):
        [found] = shop.found(f"Thank you. {asked}", kind="call", intent="bad_news")
        assert (found.rule, found.row) == ("no_questions_on_bad_news", "S4.5"), asked
        assert shop.breaches(f"Thank you. {asked}", kind="call") == []  # elsewhere one may ask
    sheet, playbook = shop.template("bad_news_call"), (shop.folder / PLAYBOOK).read_bytes()
    write(shop, "bad_news_call", f"{sheet}\nWhich supplier did you choose?\n")
    change(shop, "bad_news_call", "bad_news_call", questions="debrief_short")
    found = " ".join(problems(shop))
    assert "no_questions_on_bad_news (S4.5)" in found and "questions-on-bad-news" in found
    write(shop, "bad_news_call", sheet)
    (shop.folder / PLAYBOOK).write_bytes(playbook)

    # Even where nobody wants to wait for days, the questions come on the next business day at the earliest.
    settings = (shop.folder / "playbook.toml").read_text(encoding="utf-8")
    assert 'gap = "1d"' in settings  # the workspace's own limit; the playbook does not need it
    (shop.folder / "playbook.toml").write_text(settings.replace('gap = "1d"', 'touches = 99\nper = "1d"'))
    set_parameter(shop, 'follow_up_after = "0bd"')
    again(shop).plays(f"""{GRACEFUL}
  - scenario: in the middle of the week
    steps:
      - event: bad_news_call.may_follow_up
      - until: 2026-03-03T09:59
      - expect: {{due: []}}
      - until: 2026-03-03T10:00
      - expect: {{due: [learning_call]}}
  - scenario: on a Friday
    deal: {{lost_at: 2026-03-06T10:00, notified_at: 2026-03-06T10:00}}
    steps:
      - event: bad_news_call.may_follow_up
      - until: 2026-03-09T08:59
      - expect: {{due: []}}
      - until: 2026-03-09T09:00
      - expect: {{due: [learning_call]}}
""")


def test_s4_6_no_lower_price_is_offered_and_whoever_lets_one_pass_is_named(shop: Shop) -> None:
    assert "a lower price" in shop.action("graceful-reply", "bad_news_call").avoid
    offer = "We could offer 10 % off."
    for intent in ("bad_news", "accept_loss", "thanks", "check_in", ""):
        assert "no_price_offer" in shop.breaches(offer, kind="call", intent=intent)
    assert shop.breaches("Which part did our price play in your decision?", kind="call") == []

    planted = shop.template("bad_news_call") + offer + "\n"
    write(shop, "bad_news_call", planted)
    waiver = {"rule": "no_price_offer", "on": "2026-03-01", "because": "They asked for a new quote in writing"}
    change(shop, "bad_news_call", "bad_news_call", waive=[waiver])
    assert any("missing-key 'by' is missing" in one for one in problems(shop))  # let pass by nobody
    change(shop, "bad_news_call", "bad_news_call", waive=None)
    [problem] = problems(shop)
    assert problem.startswith(f"{TEMPLATES}/bad_news_call.txt:{planted.count(chr(10))}:")
    assert "no_price_offer (S4.6)" in problem
    change(shop, "bad_news_call", "bad_news_call", waive=[waiver | {"by": "omar"}])
    shop.begin(deal("D1", status="lost", lost_at="2026-03-02", notified_by="phone", notified_at="2026-03-02T09:00"))
    told = shop.command("show", "D1")
    assert "no_price_offer waived" in told
    assert "by omar on 2026-03-01: They asked for a new quote in writing" in told


def test_s4_7_an_email_with_the_news_is_answered_within_four_business_hours_or_the_manager_hears(shop: Shop) -> None:
    news = {"status": "lost", "lost_at": "2026-03-06", "notified_at": "2026-03-06T15:00", "notified_by": "email"}
    shop.begin(deal("D1", **news), deal("D2", **news), now="2026-03-06T15:05")
    assert deadlines(shop) == {"D1": "2026-03-09T11:00:00-04:00", "D2": "2026-03-09T11:00:00-04:00"}
    done(shop, "D1", "2026-03-06T16:00")  # an hour after the notice
    shop.tick("2026-03-09T10:59")  # a weekend does not count
    assert (overdue(shop), "escalated" in shop.command("show", "D2")) == ([], False)
    shop.tick("2026-03-09T11:01")
    assert overdue(shop) == ["D2"]
    assert "reply_email: escalated to omar" in shop.command("show", "D2")
    assert "escalated" not in shop.command("show", "D1")
    done(shop, "D2", "2026-03-09T11:30")  # four and a half business hours after it
    shop.tick("2026-03-09T11:30")
    facts = shop.report("latency")["facts"]
    assert facts | {"answered": 2, "waiting": 0, "within": 1, "judged": 2, "business_hours": 4} == facts


def test_s4_8_the_answer_thanks_respects_the_decision_and_asks_for_a_time_to_call(shop: Shop) -> None:
    shop.plays(f"""{GRACEFUL}
  - scenario: they write
    deal: {{notified_by: email}}
    steps:
      - expect:
          due: [reply_email]
          kind: {{reply_email: email}}
          text: {{reply_email: {{contains: [Thank you for your message, respect your decision, May I phone you]}}}}
  - scenario: they answer in their portal
    deal: {{notified_by: portal}}
    steps:
      - expect: {{due: [reply_email]}}
""")
    kept = [line for line in shop.template("email_accept_loss").splitlines() if "hank" not in line]
    write(shop, "email_accept_loss", "\n".join(line for line in kept if "espect" not in line))
    found = "\n".join(problems(shop))
    assert "must_thank (S2.12, S4.3)" in found and "must_respect_decision (S2.12, S4.8)" in found
    assert shop.breaches(RESPECTFUL, intent="accept_loss") == []


def test_s4_9_the_letter_offers_a_call_or_a_few_lines_in_the_words_of_its_day(shop: Shop) -> None:
    for day, says, never in (
        ("2026-03-02T10:00", "later this week", "early next week"),
        ("2026-03-04T10:00", "later this week", "early next week"),
        ("2026-03-05T10:00", "early next week", "later this week"),
        ("2026-03-06T10:00", "early next week", "later this week"),
        ("2026-03-06T19:00", "later this week", "early next week"),  # on a Friday evening; written on Monday
    ):
        shop.plays(f"""{GRACEFUL}
  - scenario: they write on {day}
    deal: {{notified_by: email, lost_at: {day}, notified_at: {day}}}
    steps:
      - wait: 3d
      - expect:
          text:
            reply_email:
              contains:
                - Dear Sofia,
                - May I phone you {says} to learn how we can do better
                - Or, if that is easier for you, would you have a few minutes to write
                - I would like Acme to have the best
                - Thank you again for considering us. When the time is right, it would be a pleasure
                - Noor Visser
              lacks: {never}
""")
    set_parameter(shop, 'sign_off = "When the time is right, your customers will bark with joy."')
    again(shop).plays(f"""{GRACEFUL}
  - scenario: we know no first name, and sign off in our own way
    deal: {{notified_by: email}}
    contacts: [{{id: C1, role: decision_maker, email: s@acme.example}}]
    steps:
      - expect:
          text: {{reply_email: {{contains: ["Hello,", "considering us. When the time is right, your customers"]}}}}
""")


def test_s4_10_a_talk_a_line_by_email_or_silence_are_answers_and_the_door_stays_open(shop: Shop) -> None:
    news = {"status": "lost", "lost_at": "2026-03-02", "notified_at": "2026-03-02T09:00", "notified_by": "email"}
    names = ("talks", "writes", "silent", "refuses")
    shop.begin(*(deal(name, **news) for name in names))
    for name in names:
        done(shop, name, "2026-03-02T10:30")
    shop.tick("2026-03-02T10:30")
    done(shop, "talks", "2026-03-02T15:00", "call_agreed")
    done(shop, "refuses", "2026-03-02T15:00", "rather_not")
    answered(shop, "writes", "2026-03-02T15:00", "email_answers")
    shop.tick("2026-03-05T16:00")
    answered(shop, "talks", "2026-03-05T16:15", "talked")
    done(shop, "refuses", "2026-03-05T16:15")  # the card that asks for nothing
    for now in ("2026-03-05T16:15", "2026-03-07T16:00", "2026-03-09T16:00", "2026-03-11T11:00"):
        shop.tick(now)
    facts = responses(shop, "2026-03-11T11:00")
    assert facts | {"call": 1, "email_answers": 1, "declined": 1, "no_reply": 0, "waiting": 1} == facts
    facts = responses(shop, "2026-03-17T09:00")
    assert facts | {"asked": 4, "no_reply": 1, "answered": 2, "response_rate": 0.5} == facts

    # Two ways, one questionnaire; a no is kept as a no, silence is not: somebody asks again another day.
    for name in ("talks", "writes"):
        assert "customer_reason: priced_out" in shop.command("show", name)
    followed = {name: shop.command("show", name).count("enrolled in ") for name in names}
    assert followed == {"talks": 2, "writes": 2, "silent": 2, "refuses": 1}
    assert "look forward" in shop.template("thank_you_email")
    assert "look forward to the next time" in shop.template("learning_call")


# --- helpers ---------------------------------------------------------------------------------------------------------


def deal(identity: str, **fields: str) -> dict[str, str]:
    """A deal of Noor's with an account and a decision maker of its own; neither is shared with another deal."""
    return {
        "id": identity, "name": f"Deal {identity}", "account": f"Account {identity}", "owner": "noor", "team": "east",
        "contact.id": f"C-{identity}", "contact.role": "decision_maker", "contact.name": "Sofia Bell",
        "contact.first_name": "Sofia", "contact.phone": "1", "contact.email": "s@acme.example",
        "contact.postal_address": "1 Road",
    } | fields  # fmt: skip


def open_action(shop: Shop, name: str) -> str:
    """The id of the one open action of a deal."""
    [action] = shop.due("--deal", name)
    return str(action["id"])


def done(shop: Shop, name: str, now: str, *outcome: str) -> None:
    shop.command("done", open_action(shop, name), *outcome, "--now", now)


def answered(shop: Shop, name: str, now: str, outcome: str) -> None:
    """The questions of the open action are answered, and it is closed with them."""
    said = {"decision_factors": "the price", "what_better": "come earlier", "main_reason": "priced_out"}
    pairs = [part for question, answer in said.items() for part in ("--set", f"{question}={answer}")]
    shop.command("answer", open_action(shop, name), *pairs, "--outcome", outcome, "--now", now)


def deadlines(shop: Shop) -> dict[str, str]:
    return {action["deal"]: action["deadline"] for action in shop.due()}


def overdue(shop: Shop) -> list[str]:
    return [action["deal"] for action in shop.due("--overdue")]


def change(shop: Shop, state: str, action: str, **keys: Any) -> None:
    """Give an action of graceful-reply these keys; None takes one away."""
    path = shop.folder / PLAYBOOK
    source = compose(PLAYBOOK, path.read_text(encoding="utf-8"))
    assert isinstance(source, Source)
    written = source.content["states"][state]["actions"][action]
    written.update(keys)
    for key in [key for key, value in keys.items() if value is None]:
        del written[key]
    path.write_text(json.dumps(source.content, ensure_ascii=False, indent=1), encoding="utf-8")


def problems(shop: Shop) -> list[str]:
    """What `playbook validate` finds, as FILE:LINE:COLUMN RULE MESSAGE."""
    found = json.loads(shop.command("validate", "--format", "json", code=1))["problems"]
    return ["{file}:{line}:{column} {rule} {message}".format(**one) for one in found]


def responses(shop: Shop, now: str) -> dict[str, Any]:
    return dict(shop.report("responses", "--playbook", "graceful-reply", "--now", now)["facts"])


def write(shop: Shop, template: str, content: str) -> None:
    (shop.folder / TEMPLATES / f"{template}.txt").write_text(content, encoding="utf-8")


def set_parameter(shop: Shop, line: str) -> None:
    """A parameter of graceful-reply in playbook.toml."""
    with (shop.folder / "playbook.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[params.graceful-reply]\n{line}\n")


def again(shop: Shop) -> Shop:
    """The same workspace, read anew."""
    return Shop(shop.folder)
