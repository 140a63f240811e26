"""What the articles say together: where they disagree, and what all of them would rather not read."""

from __future__ import annotations

import json

from tests.arms import arm_content
from tests.rows.shop import Shop

PEOPLE = """
  - {id: C1, role: decision_maker, name: Ann Bell, first_name: Ann, phone: "1", email: ann@acme.example, postal_address: 1 Road}
  - {id: C2, role: closest_contact, name: Ben Cole, first_name: Ben, phone: "2", email: ben@acme.example}
  - {id: C3, role: primary_contact, name: Cy Day, first_name: Cy, phone: "3", postal_address: 3 Road}
"""  # noqa: E501
PLAY = """
playbook: {playbook}
deal: {{id: D1, name: Roof, account: Acme, owner: noor, team: east, lost_at: 2026-03-02T10:00, notified_by: {by}}}
contacts: {people}
scenarios:
  - scenario: of this row
    enrol: by_person
    steps: {steps}
"""
# rule: (row, what an action is for, what it says)
LINTS = {
    "no_questions_on_bad_news": ("S4.5", "bad_news", "Thank you for telling me. Why did you choose them?"),
    "no_price_offer": ("S4.6", "check_in", "We could offer you a lower price."),
    "no_resell": ("S1.3", "check_in", "Let me show you once more what our product can do."),
    "no_argue": ("S1.3", "check_in", "With all due respect, I disagree with your decision."),
    "no_disparage": ("S1.3", "check_in", "The supplier you chose is unreliable."),
    "no_push": ("S4.2", "check_in", "Would you sign today?"),
    "must_thank": ("S2.12, S4.3", "thanks", "I respect your decision."),
    "must_respect_decision": ("S2.12, S4.8", "thanks", "Thank you for your time."),
    "must_say_not_changing_mind": (
        "S3.3", "learn", "Thank you. I respect your decision and want to learn how we can do better.",
    ),
}  # fmt: skip


def test_x_1_where_the_articles_disagree_each_way_is_shipped_and_teams_can_be_compared(shop: Shop) -> None:
    # Card, letter or mail; your own view first, or the customer's.
    for playbook, by, steps in (
        ("four-week-check-in", "phone", CARD),
        ("silent-prospect-letter", "silence", LETTER),
        ("graceful-reply", "email", MAIL),
        ("loss-review", "phone", SELF_FIRST),
        ("debrief-first", "phone", CUSTOMER_FIRST),
    ):
        shop.plays(PLAY.format(playbook=playbook, by=by, people=PEOPLE, steps=steps))

    # Four weeks or two to three months; half an hour of review or a long one: the east goes the other way.
    with (shop.folder / "playbook.toml").open("a", encoding="utf-8") as settings:
        for variant in ("four-week-check-in-ten-weeks", "win-loss-call-short-review"):
            settings.write(f'\n[params.{variant}]\ntried_by_team = "east"\n')
    shop = Shop(shop.folder)
    shop.begin(*(deal(team, competitor) for team in ("west", "east") for competitor in ("", "Buildwise")))
    assert (ways := followed(shop)) == {
        "west": "four-week-check-in", "west-Buildwise": "win-loss-call",
        "east": "four-week-check-in-ten-weeks", "east-Buildwise": "win-loss-call-short-review",
    }  # fmt: skip
    shop.tick("2026-03-02T13:00")
    for name in ("west-Buildwise", "east-Buildwise"):
        done(shop, name, "schedule_winloss_call", "2026-03-02T13:00", "refused")
    for now in ("2026-03-02T13:00", "2026-03-03T13:30"):
        shop.tick(now)
    assert "takes     120 min" in sheet(shop, "west-Buildwise", "review_process")
    assert "takes     30 min" in sheet(shop, "east-Buildwise", "review_process")

    done(shop, "west", "ask", "2026-03-03T14:00", "granted")
    done(shop, "east", "ask", "2026-03-03T14:00", "no_answer")
    shop.tick("2026-03-03T14:00")
    assert [permission(shop, "--team", team) for team in ("west", "east")] == [1, 0]
    assert [permission(shop, "--playbook", ways[team]) for team in ("west", "east")] == [1, 0]
    assert "check_in_after: by account.industry: software 3w, construction 12w, otherwise 4w → 10w" in shop.command(
        "diff", "four-week-check-in", "four-week-check-in-ten-weeks", code=1
    )

    # Or each loss is drawn: four weeks, ten, or nothing at all; two hours of review or half an hour.
    timing, length = (shop.workspace.experiments[name] for name in ("check-in-timing", "review-length"))
    assert drawn(shop, "check-in-timing", "check_in_after") == {"four_weeks": "4w", "ten_weeks": "10w", "nothing": None}
    assert drawn(shop, "review-length", "review_minutes") == {"two_hours": 120, "half_an_hour": 30}
    assert timing.arms["nothing"].holdout and timing.arms["nothing"].playbook == "no-follow-up"
    assert (timing.primary.event, length.primary.event) == ("won", "answered.process_review")

    # Counted from the thank-you card: after four weeks, and in the third month.
    for playbook, day in (("four-week-check-in", "2026-04-02"), ("four-week-check-in-ten-weeks", "2026-05-14")):
        steps = CHECK_IN.format(day=day)
        shop.plays(PLAY.format(playbook=playbook, by="phone", people=PEOPLE, steps=steps))


def test_x_2_the_rules_on_words_hold_in_any_playbook_by_default_and_name_their_row(shop: Shop) -> None:
    (shop.folder / "playbooks/of-ours.yaml").write_text(json.dumps(one_mail_for_each_lint()), encoding="utf-8")
    for rule, (_, _, said) in LINTS.items():
        template = shop.folder / f"playbooks/library/templates/{rule}.txt"
        template.write_text(f"Hello,\n\n{said}\n", encoding="utf-8")
    problems = json.loads(shop.command("validate", "--format", "json", code=1))["problems"]
    found = [one for one in problems if one["rule"] == "content-rule"]
    said = {one["file"].rpartition("/")[2].removesuffix(".txt"): one["message"] for one in found}
    assert len(found) == len(said) == len(LINTS)  # each breaks its own rule and no other
    for rule, (row, _, _) in LINTS.items():
        assert f"{rule} ({row})" in said[rule]
        assert f"(playbook of-ours, action {rule})" in said[rule]
    for intent in ("accept_loss", "thanks", "learn", "check_in"):
        good = (
            "Thank you for your time. I respect your decision and I am not writing to change your mind. "
            "I want to learn how we can do better next time."
        )
        assert shop.breaches(good, intent=intent) == []

    # reply_fast is no word but a time: whatever answers the news has to leave within hours.
    (shop.folder / "playbooks/of-ours.yaml").unlink()
    answering = [
        action
        for playbook in Shop(shop.folder).workspace.playbooks.values()
        for action in playbook.actions()
        if action.intent == "accept_loss"
    ]
    assert answering and all(action.deadline is not None for action in answering)
    shop.begin(deal("east", "") | {"notified_by": "email", "notified_at": "2026-03-02T09:30"})
    [reply] = shop.due()
    assert (reply["action"], reply["deadline"]) == ("reply_email", "2026-03-02T13:30:00-05:00")


# --- what is played --------------------------------------------------------------------------------------------------

CARD = """
      - wait: 1bd
      - event: ask.granted
      - wait: 2d
      - expect: {happened: [thank_you_card], kind: {thank_you_card: card}}
"""
LETTER = """
      - expect: {due: [letter], kind: {letter: letter}}
"""
MAIL = """
      - expect: {due: [reply_email], kind: {reply_email: email}}
"""
SELF_FIRST = """
      - wait: 6bd
      - expect: {due: [reflect, analyze_yourself]}
      - answer: analyze_yourself
        with: {did_well: we listened, fell_short: we came late, our_reason: wrong_level}
      - event: analyze_yourself.done
      - wait: 2bd
      - expect: {due: [research_meeting], contact: {research_meeting: C2}}
"""
CUSTOMER_FIRST = """
      - wait: 2bd
      - expect: {due: [debrief_meeting, heads_up]}
      - answer: debrief_meeting
        with: {decision_factors: price, what_better: earlier}
      - event: debrief_meeting.held
      - expect: {happened: [review_loss]}
"""
CHECK_IN = """
      - wait: 1bd
      - event: ask.granted
      - until: 2026-03-05T10:00
      - skip: post_mortem
        because: done with the team
      - event: thank_you_card.done
      - expect: {{state: give_them_time, next: {{on: {day}, to: check_in}}}}
"""


# --- helpers ---------------------------------------------------------------------------------------------------------


def deal(team: str, competitor: str) -> dict[str, str]:
    """A loss of ten days ago; one to a known competitor is called after it."""
    name = "-".join(filter(None, (team, competitor)))
    return {
        "id": name, "name": name, "account": name, "owner": "noor", "team": team, "competitor": competitor,
        "status": "lost", "lost_at": "2026-02-20", "notified_by": "phone", "notified_at": "2026-02-20",
        "contact.id": f"C-{name}", "contact.role": "decision_maker", "contact.phone": "1",
        "contact.email": "a@acme.example", "contact.postal_address": "1 Road",
    }  # fmt: skip


def one_mail_for_each_lint() -> object:
    """A playbook of somebody else's, which knows nothing of content rules."""
    actions = {
        rule: {"kind": "email", "title": "Write", "intent": intent, "template": rule, "expires": "5bd"}
        for rule, (_, intent, _) in LINTS.items()
    }
    state = {"actions": actions, "transitions": [{"event": "all_closed", "end": "over"}]}
    return {
        "playbook": "of-ours", "title": "Ours", "ends": {"over": {"title": "Over"}}, "initial": "write",
        "states": {"write": state},
    }  # fmt: skip


def followed(shop: Shop) -> dict[str, str]:
    """Which playbook follows each deal."""
    return {action["deal"]: action["playbook"] for action in shop.due()}


def drawn(shop: Shop, experiment: str, param: str) -> dict[str, object]:
    """What a parameter is in each arm of an experiment."""
    arms = shop.workspace.experiments[experiment].arms
    return {arm: arm_content(shop.workspace, experiment, arm)["params"].get(param) for arm in arms}


def the_action(shop: Shop, name: str, action: str) -> str:
    [found] = [one["id"] for one in shop.due("--deal", name) if one["action"] == action]
    return str(found)


def done(shop: Shop, name: str, action: str, now: str, outcome: str) -> None:
    shop.command("done", the_action(shop, name, action), outcome, "--now", now)


def sheet(shop: Shop, name: str, action: str) -> str:
    return shop.command("due", the_action(shop, name, action))


def permission(shop: Shop, *which: str) -> int:
    return int(shop.report("permission", *which)["facts"]["granted"])
