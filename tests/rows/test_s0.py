"""S0, "Five Things To Do After Losing A Sales Opportunity": each row of docs/sources.md, on the shipped workspace."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from engine.console.beginning import make_workspace
from tests.rows.shop import Shop

LOST = {
    "owner": "kim", "team": "west", "account_name": "Acme", "status": "lost", "amount": "5000", "notified_by": "phone",
    "lost_at": "2026-03-02T09:00", "contact.role": "decision_maker", "contact.name": "Ann Bell", "contact.phone": "1",
    "contact.email": "ann@acme.example", "contact.postal_address": "1 Road",
}  # fmt: skip
DEAL = "{id: D1, name: Site reports, account: Acme, owner: kim, team: west, lost_at: 2026-03-02T10:00}"
ANN = 'id: C1, role: decision_maker, name: Ann Bell, phone: "1", email: ann@acme.example'
LEARNED = """\
- wait: 1bd
- event: ask.granted
- wait: 2d
- event: thank_you_card.done
- {skip: post_mortem, because: done with the team}
- expect: {state: give_them_time}
"""
CALLED = """\
- wait: 4w
- wait: 1d
- answer: check_in_call
  with: {project: half done, working_out: not really}
"""
SIX_ANSWERS = {
    "missed": "who signs", "lacked": "the date of their audit", "went_well": "the pilot", "went_badly": "the end",
    "start_doing": "ask for the audit date", "stop_doing": "send proposals early",
}  # fmt: skip


def test_s0_0_every_loss_is_followed_or_excused_with_a_reason_and_may_say_what_it_cost(shop: Shop) -> None:
    make_workspace(shop.folder, sandbox=True)
    shop.imported(
        lost("D1"), lost("D2", notified_by="silence"), lost("D3", notified_by="email", amount="90000"),
        lost("D4", notified_by="", amount=""), lost("D5", cost_hours="12", cost_money="340"), lost("D6"),
        lost("O1", status="open", lost_at=""),
    )  # fmt: skip
    shop.command("excuse", "D6", code=2)  # not without a reason
    shop.command("excuse", "D6", "duplicate of D1")
    shop.tick("2026-03-02T10:00")
    followed = {deal["id"]: deal["followed"] for deal in deals(shop)}
    assert followed == {"D1": True, "D2": True, "D3": True, "D4": True, "D5": True, "D6": False, "O1": False}
    (excused,) = (deal["excused"] for deal in deals(shop) if deal["id"] == "D6")
    assert excused.startswith("duplicate of D1 (kim, ")
    story = shop.command("show", "D5")
    assert "cost_hours: 12" in story
    assert "cost_money: 340" in story
    untouched = shop.report("untouched", "--days", "0")
    assert untouched["facts"]["excused"] == 1
    assert [row["deals"] for row in untouched["tables"]["excused"]["rows"]] == [1]


def test_s0_1_the_rep_steps_back_before_anybody_calls_the_customer(shop: Shop) -> None:
    follow(shop, """
        - expect:
            state: cool_off
            due: [reflect]
            kind: {reflect: task}
            assignee: {reflect: kim}
            text: {reflect: {contains: An offer was turned down. You were not.}}
            next: {on: 2026-03-03, to: ask_permission}
        - expect: {text: {reflect: {contains: Whoever sells for long enough hears no more often than yes}}}
        - expect: {text: {reflect: {contains: could Acme need from us one day}}}
        - event: reflect.done
        - expect: {state: cool_off, due: []}
        - wait: 1bd
        - expect: {due: [ask]}
    """)  # fmt: skip
    follow(shop, """
        - wait: 1bd
        - expect: {state: ask_permission, due: [ask]}
    """)  # fmt: skip
    assert not shop.action("four-week-check-in", "reflect").customer_facing


def test_s0_2_the_decision_maker_is_asked_for_permission_and_the_answer_is_kept(shop: Shop) -> None:
    both = f'[{{id: C9, role: primary_contact, name: Bo, phone: "2"}}, {{{ANN}, postal_address: 1 Road}}]'
    follow(shop, """
        - wait: 1bd
        - expect:
            due: [ask]
            contact: {ask: C1}
            text: {ask: {contains: The one question}}
        - expect: {text: {ask: {contains: May I stay in touch with you?}}}
        - event: ask.granted
        - wait: 2d
        - event: thank_you_card.done
        - expect: {facts: {permission_answer: null}, open: true}
    """, contacts=both)  # fmt: skip
    refused = f"[{{{ANN}, postal_address: 1 Road, consent: {{stay_in_touch: refused}}}}]"
    follow(shop, """
        - wait: 1bd
        - event: ask.refused
        - expect: {facts: {consent.stay_in_touch: refused, contact.permission: refused}}
        - wait: 2d
        - event: thank_you_card.done
        - {skip: post_mortem, because: done with the team}
        - expect: {ended: declined}
        - wait: 3mo
        - expect: {never: [check_in_call, useful_note]}
    """)  # fmt: skip
    follow(shop, """
        - wait: 1bd
        - event: ask.no_answer
        - wait: 3bd
        - expect: {due: [ask], facts: {consent.stay_in_touch: null}}
        - event: ask.no_answer
        - expect: {state: learn_and_thank, open: true}
    """)  # fmt: skip
    follow(shop, """
        - wait: 1bd
        - event: ask.no_answer
        - wait: 2bd
        - event: ask.no_answer
        - wait: 4d
        - event: thank_you_card.done
        - {skip: post_mortem, because: done with the team}
        - wait: 4w
        - expect: {ended: declined, never: [check_in_call]}
    """, contacts=refused, more="enrol: by_person")  # fmt: skip
    follow(shop, """
        - wait: 2bd
        - event: debrief_meeting.declined
        - answer: review_loss
          with: {our_reason: wrong_level}
        - event: review_loss.should_have_won
        - wait: 1y
        - expect: {open: true, never: [value_add, follow_up_call, useful_note]}
    """, playbook="debrief-first", contacts=refused, more="enrol: by_person")  # fmt: skip
    the_answers_are_consents_and_counted(shop)


def the_answers_are_consents_and_counted(shop: Shop) -> None:
    shop.begin(*(lost(f"D{number}") for number in (1, 2, 3, 4)))
    shop.tick("2026-03-03T12:00")
    asked = {one["deal"]: one["id"] for one in shop.due()}
    for deal, answer in zip(("D1", "D2", "D3", "D4"), ("granted", "granted", "refused", "no_answer"), strict=True):
        shop.command("done", asked[deal], answer)
    shop.tick("2026-03-03T13:00")
    assert "stay_in_touch: granted on 2026-03-03 12:00, recorded by kim" in shop.command("consent", "C1")
    shop.command("consent", "C4", "--granted", "--channel", "email", "--because", "mail of today")
    shop.tick("2026-03-03T14:00")
    assert "over email: mail of today" in shop.command("consent", "C4")
    facts = shop.report("permission")["facts"]
    assert (facts["asked"], facts["granted"], facts["declined"], facts["no_answer"]) == (4, 2, 1, 1)
    assert (facts["granted_of_asked"], round(facts["granted_of_answered"], 3)) == (0.5, 0.667)


def test_s0_3_after_every_loss_the_rep_has_thirty_minutes_with_himself(shop: Shop) -> None:
    ways = ("{event: ask.granted}", "{event: ask.refused}", "{wait: 6bd}", "{event: opted_out, contact: C1}")
    for way in ways:
        follow(shop, f"""
            - wait: 1bd
            - {way}
            - wait: 1d
            - wait: 1bd
            - expect:
                happened: [post_mortem]
                kind: {{post_mortem: task}}
                assignee: {{post_mortem: kim}}
                text: {{post_mortem: {{contains: Thirty minutes with yourself}}}}
        """)  # fmt: skip
    shop.begin(lost("D1"))
    shop.tick("2026-03-03T12:00")
    shop.command("done", only(shop, "ask"), "granted")
    shop.tick("2026-03-04T16:00")
    sheet = shop.command("due", only(shop, "post_mortem"))
    assert "takes     30 min" in sheet
    assert "Block the half hour in your own calendar" in sheet


def test_s0_4_the_notes_and_the_mails_are_reread_before_the_questions_are_answered(shop: Shop) -> None:
    post_mortem = until_post_mortem(shop)
    sheet = shop.command("due", post_mortem)
    order = ("Check first:", "- Reread your notes in the CRM", "- Reread the e-mails you exchanged", "Questions (")
    assert sorted(order, key=sheet.index) == list(order)
    shop.command("answer", post_mortem, *settings(SIX_ANSWERS), code=2)
    shop.command("done", post_mortem, code=2)
    shop.command("answer", post_mortem, *settings(SIX_ANSWERS), "--checked")


def test_s0_5_seven_questions_of_which_start_and_stop_become_improvements(shop: Shop) -> None:
    wanted = {
        "missed": "understand in another way", "lacked": "not know", "questions_to_ask": "questions will I ask",
        "went_well": "went well", "went_badly": "did not go well", "start_doing": "start doing",
        "stop_doing": "stop doing",
    }  # fmt: skip
    asked = shop.questionnaire("self_post_mortem").questions
    assert list(asked) == list(wanted)
    assert all(words in asked[name].ask for name, words in wanted.items())
    post_mortem = until_post_mortem(shop)
    for name in SIX_ANSWERS:
        some = {other: said for other, said in SIX_ANSWERS.items() if other != name}
        shop.command("answer", post_mortem, *settings(some), "--checked", code=2)
    shop.command("done", post_mortem, "--checked", code=2)  # not without the answers
    shop.command("answer", post_mortem, *settings(SIX_ANSWERS), "--checked", "--outcome", "done")
    shop.tick("2026-03-04T17:00")
    report = shop.report("improvements")
    listed = [(row["kind"], row["what"], row["owner"]) for row in report["tables"]["improvements"]["rows"]]
    assert listed == [("start", "ask for the audit date", "kim"), ("stop", "send proposals early", "kim")]


def test_s0_6_a_handwritten_card_goes_out_in_every_branch_but_to_those_who_want_no_post(shop: Shop) -> None:
    posted = """
            - wait: 2d
            - expect: {text: {thank_you_card: {contains: Thank you for the time you gave us}}}
            - expect: {due: [thank_you_card, post_mortem], kind: {thank_you_card: card}, contact: {thank_you_card: C1}}
            - event: thank_you_card.done
            - expect: {facts: {card_posted_on: "%s"}}
    """
    ways = {
        "{event: ask.granted}": "2026-03-05T18:00:00Z", "{event: ask.refused}": "2026-03-05T18:00:00Z",
        "{wait: 5bd}": "2026-03-12T17:00:00Z",
    }  # fmt: skip
    for way, day in ways.items():
        follow(shop, f"            - wait: 1bd\n            - {way}" + posted % day)
    follow(shop, """
        - {event: opted_out, contact: C1, with: {channel: letter}}
        - wait: 1bd
        - event: ask.granted
        - wait: 2bd
        - expect: {due: [post_mortem], never: [thank_you_card]}
    """)  # fmt: skip
    follow(shop, """
        - wait: 1bd
        - event: ask.granted
        - wait: 2bd
        - expect:
            kind: {thank_you_card: task}
            text: {thank_you_card: {contains: Find the decision maker's postal address}}
    """, contacts=f"[{{{ANN}}}]")  # fmt: skip
    shop.begin(lost("D1", cost_money="4"))
    assert "cost_money: 4 USD" in shop.command("show", "D1")
    shop.tick("2026-03-03T12:00")
    shop.command("done", only(shop, "ask"), "granted")
    shop.tick("2026-03-05T12:00")
    sheet = shop.command("due", only(shop, "thank_you_card"))
    assert "takes     10 min" in sheet
    assert "Write it by hand" in sheet


def test_s0_7_the_check_in_comes_after_four_weeks_or_as_the_industry_and_the_team_have_it(shop: Shop) -> None:
    after = "- expect: {next: {on: %s, to: check_in}}"
    follow(shop, LEARNED + after % "2026-04-02")
    follow(shop, LEARNED + after % "2026-03-26", more="account: {industry: software}")
    follow(shop, LEARNED + after % "2026-05-28", more="account: {industry: construction}")
    (shop.folder / "playbooks/our-own.yaml").write_text(
        "playbook: our-own\nextends: four-week-check-in\nparams: {check_in_after: 6w}\n"
        "patch: {teams: {east: {params: {check_in_after: 2w}}}}\n",
        encoding="utf-8",
    )
    settings_file = shop.folder / "playbook.toml"
    changed = settings_file.read_text(encoding="utf-8") + '\n[params.four-week-check-in]\ncheck_in_after = "5w"\n'
    settings_file.write_text(changed, encoding="utf-8")
    other = Shop(shop.folder)
    follow(other, LEARNED + after % "2026-04-09")
    follow(other, LEARNED + after % "2026-04-16", playbook="our-own")
    follow(other, LEARNED + after % "2026-03-19", playbook="our-own", deal=DEAL.replace("west", "east"))


def test_s0_8_a_decision_that_comes_to_nothing_is_qualified_again_and_counted(shop: Shop) -> None:
    for outcome in ("solution_failing", "vendor_failing", "stalled", "status_quo"):
        follow(shop, LEARNED + CALLED + f"""
- event: check_in_call.{outcome}
- expect: {{state: requalify, due: [requalify_deal], facts: {{after_the_loss: {outcome}}}}}
""")  # fmt: skip
    follow(shop, LEARNED + """\
- wait: 4w
- wait: 1d
- event: check_in_call.no_answer
- expect: {state: try_again_later}
""")  # fmt: skip
    became = ["solution_failing", "vendor_failing", "stalled", "stalled", "status_quo", "implemented_happy", ""]
    shop.begin(*(lost(f"D{number}", after_the_loss=outcome) for number, outcome in enumerate(became)))
    facts = shop.report("completion")["facts"]
    assert (facts["heard"], facts["never_completed"], facts["never_completed_share"]) == (6, 3, 0.5)
    assert facts["worth_another_look"] == 5


def test_s0_9_whoever_is_happy_stays_in_touch_and_no_answer_counts_against_the_rep(shop: Shop) -> None:
    follow(shop, LEARNED + CALLED + """
- event: check_in_call.implemented_happy
- expect: {state: long_term, open: true, never: [requalify, declined], facts: {after_the_loss: implemented_happy}}
- wait: 3mo
- wait: 2bd
- expect: {due: [useful_note]}
- event: useful_note.done
- expect: {state: long_term, next: {to: stay_useful}}
- event: signal.funding
- expect: {state: check_in}
""")  # fmt: skip
    # Nobody is reached, nobody calls, nobody qualifies it: the relationship goes on.
    follow(shop, LEARNED + """
- wait: 4w
- wait: 12bd
- expect: {happened: [check_in_call.expired], state: long_term, open: true}
""")  # fmt: skip
    follow(shop, LEARNED + CALLED + """
- event: check_in_call.stalled
- event: requalify_deal.not_a_fit
- expect: {state: long_term, open: true}
""")  # fmt: skip
    ends = shop.playbook("four-week-check-in").ends
    assert {name for name, end in ends.items() if end.success} == {"revived"}
    assert set(ends) == {"revived", "kept_in_touch", "declined"}


def test_s0_10_each_step_can_be_switched_off_and_doing_nothing_is_there_to_compare_with(shop: Shop) -> None:
    make_workspace(shop.folder, sandbox=True)
    shop.imported(lost("D1"), lost("D2"))
    shop.command("record", "left_alone", "--deal", "D1", "--now", "2026-03-02T09:30")
    shop.tick("2026-03-02T10:00")
    follows = {deal["id"]: deal["follows"] for deal in deals(shop)}
    assert follows == {"D1": ["no-follow-up: leave_alone"], "D2": ["four-week-check-in: cool_off"]}
    assert [(one["deal"], one["kind"]) for one in shop.due() if one["deal"] == "D1"] == [("D1", "notify")]
    shop.imported(*(lost(deal, status="won", won_at="2026-03-20") for deal in ("D1", "D2")), lost("D3"))
    shop.tick("2026-03-21T10:00")
    compared = shop.report("winback")["tables"]["by_playbook"]["rows"]
    assert [(row["playbook"], row["wins"]) for row in compared] == [("four-week-check-in", 1), ("no-follow-up", 1)]
    follow(shop, """
        - wait: 179d
        - expect: {due: [please_wait], open: true}
        - wait: 1d
        - expect: {ended: left_alone}
    """, playbook="no-follow-up", more="enrol: by_person")  # fmt: skip
    switched = {
        "with_step_back": "reflect", "with_permission_call": "ask", "with_card": "thank_you_card",
        "with_post_mortem": "post_mortem", "with_check_in": "check_in_call",
    }  # fmt: skip
    for switch, action in switched.items():
        variant = f"without-{action.replace('_', '-')}"
        (shop.folder / f"playbooks/{variant}.yaml").write_text(
            f"playbook: {variant}\nextends: four-week-check-in\nparams: {{{switch}: false}}\n", encoding="utf-8"
        )
    other = Shop(shop.folder)
    for action in switched.values():
        left = ", ".join(one for one in switched.values() if one != action)
        follow(other, f"""
            - wait: 9mo
            - expect: {{happened: [{left}], never: [{action}], open: true}}
        """, playbook=f"without-{action.replace('_', '-')}")  # fmt: skip


# --- helpers --------------------------------------------------------------------------------------------------------


def follow(
    shop: Shop, steps: str, *, playbook: str = "four-week-check-in", deal: str = DEAL,
    contacts: str = f"[{{{ANN}, postal_address: 1 Road}}]", more: str = "",
) -> None:  # fmt: skip
    """Play these steps for one lost deal."""
    told = textwrap.indent(textwrap.dedent(steps).strip("\n"), "  ")
    more = more and f"  {more}\n"
    shop.plays(f"playbook: {playbook}\ndeal: {deal}\ncontacts: {contacts}\n"
               f"scenarios:\n- scenario: of this row\n{more}  steps:\n{told}\n")  # fmt: skip


def lost(deal: str, **fields: str) -> dict[str, str]:
    """A row of an export: a deal of an account of its own."""
    return {**LOST, "id": deal, "account": f"A-{deal}", "contact.id": deal.replace("D", "C"), **fields}


def only(shop: Shop, action: str) -> str:
    """The id of the one open action of this name."""
    (found,) = (one["id"] for one in shop.due() if one["action"] == action)
    return str(found)


def settings(answers: dict[str, str]) -> list[str]:
    return [part for name, said in answers.items() for part in ("--set", f"{name}={said}")]


def until_post_mortem(shop: Shop) -> str:
    """A loss whose post-mortem is due; its id."""
    shop.begin(lost("D1"))
    shop.tick("2026-03-03T12:00")
    shop.command("done", only(shop, "ask"), "granted")
    shop.tick("2026-03-04T16:00")
    return only(shop, "post_mortem")


def deals(shop: Shop) -> list[dict[str, Any]]:
    """The list of deals as JSON."""
    return list(json.loads(shop.command("deals", "--format", "json")))
