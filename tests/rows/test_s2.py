"""The rows of "Mine Missed Sales Opportunities": ask how they buy, write to the silent, review losses with insiders."""

import math
import re

import pytest

from tests.rows.deals import lost, won
from tests.rows.shop import Shop

PEOPLE = """
contacts:
  - {id: C1, role: decision_maker, name: Dee Boss, email: dee@acme.example, postal_address: 1 Road}
  - {id: C2, role: primary_contact, name: Ann Bell, first_name: Ann, email: ann@acme.example, postal_address: 1 Road}
colleagues:
  - {id: C3, name: Bo Chief, job_title: Director}
"""
SILENT = f"""
playbook: silent-prospect-letter
deal: {{account: Acme, owner: kim, team: west, lost_at: 2026-03-02T10:00, notified_by: silence}}
{PEOPLE}
"""
STILL_OPEN = f"""
playbook: silent-prospect-letter
start: 2026-03-02T10:00
enrol: later
deal: {{account: Acme, owner: kim, team: west, status: open, proposal_sent_at: 2026-02-10}}
{PEOPLE}
"""
REVIEW = """
playbook: loss-review
deal: {name: Site reports, account: Acme, owner: kim, team: west, lost_at: 2026-03-02T10:00, notified_by: phone}
contacts:
  - {id: C1, role: decision_maker, name: Ann Bell, phone: "1", email: ann@acme.example}
  - {id: C2, role: closest_contact, name: Bo Park, phone: "2", email: bo@acme.example, postal_address: 2 Road}
  - {id: C3, role: closest_contact, name: Cy Dale, phone: "3"}
"""
ANALYZED = """
  - {wait: 1bd}
  - {answer: analyze_yourself, with: {did_well: the pilot, fell_short: we came late, our_reason: wrong_level}}
  - {event: analyze_yourself.done}
"""
TOLD = """
  - answer: research_meeting
    with:
      why: they wanted one supplier
      winner: they seemed larger
      pluses_minuses: good people, but few
      improve: speak with the board
      one_thing: a talk with the board
"""


def test_s2_1_after_a_no_in_words_the_disappointment_may_settle_first(shop: Shop) -> None:
    scenarios = """
scenarios:
- scenario: an open deal is left to those who work on it
  enrol: later
  deal: {status: open}
  steps:
  - {wait: 5d}
  - expect: {enrolled: false}
  - change: {status: lost, lost_at: 2026-03-07}
  - expect: {enrolled: true, due: [reflect]}
- scenario: the few minutes are offered, and hold nothing up
  steps:
  - expect:
      due: [reflect]
      assignee: {reflect: kim}
      text: {reflect: {contains: [You may be disappointed, Write to nobody while it lasts]}}
"""
    shop.plays(f"{REVIEW}{scenarios}{ANALYZED}  - expect: {{state: research_meeting, never: [reflect.done]}}\n")
    assert not shop.action("loss-review", "reflect").customer_facing


def test_s2_2_how_they_buy_is_asked_kept_and_followed(shop: Shop) -> None:
    steps = """
  - {wait: 1bd}
  - {event: research_meeting.refused}
  - {wait: 1bd}
  - expect:
      due: [ask_buying_process]
      contact: {ask_buying_process: C1}
      text: {ask_buying_process: {contains: [how do you like to gather information, If there is a next time, your way]}}
  - {answer: ask_buying_process, with: {preferred_approach: a short paper first, preferred_channel: email}}
  - {event: ask_buying_process.answered}
  - expect: {facts: {contact.preferred_approach: a short paper first, contact.preferred_channel: email}}
"""
    shop.plays(f"{REVIEW}scenario: they tell us how they choose a supplier\nsteps:\n{ANALYZED}{steps}")
    shop.plays("""
playbook: debrief-first
deal: {owner: kim, team: west, lost_at: 2026-03-02T10:00, amount: 50000 USD, notified_by: email}
scenarios:
- scenario: the next debrief begins on their channel, and its sheet names their way
  contacts: [{role: decision_maker, phone: "1", preferred_channel: phone, preferred_approach: a short paper first}]
  steps:
  - {wait: 2bd}
  - expect: {never: [debrief_in_person], text: {debrief_call: {contains: a short paper first}}}
- scenario: by e-mail if they like that better
  contacts: [{role: decision_maker, phone: "1", email: ann@acme.example, preferred_channel: email}]
  steps:
  - {wait: 2bd}
  - expect: {due: [debrief_email, heads_up], never: [debrief_in_person, debrief_by_phone]}
""")


def test_s2_3_what_they_are_receptive_to_is_reported_by_segment(shop: Shop) -> None:
    told = ["A short paper", "a short  paper", "a demo", "a short paper", "", "a short paper"]
    trades = ["software", "software", "software", "retail", "retail", "retail"]
    asked = [{"contact.preferred_approach": one, "account.industry": trades[at]} for at, one in enumerate(told)]
    shop.begin(*(lost(f"D{at}", **more) for at, more in enumerate(asked)))
    report = shop.report("approach")
    assert (report["facts"]["contacts"], report["facts"]["with_approach"]) == (6, 5)
    rows = report["tables"]["by_industry"]["rows"]
    assert [(row["industry"], row["approach"], row["contacts_part"], row["contacts_of"]) for row in rows] == [
        ("retail", "a short paper", 2, 3), ("software", "a short paper", 2, 3), ("software", "a demo", 1, 3),
    ]  # fmt: skip


def test_s2_4_after_some_chases_into_silence_something_else_is_done(shop: Shop) -> None:
    chased = "  - {event: chased}\n  - {wait: 1d}\n"
    shop.plays(f"""{STILL_OPEN}
scenarios:
- scenario: two chases are not enough, three are; then it is no further chase
  steps:
{chased * 2}
  - expect: {{enrolled: false}}
{chased}
  - expect: {{due: [letter], kind: {{letter: letter}}, text: {{letter: {{contains: I will not keep calling}}}}}}
- scenario: the CRM has counted them
  enrol: at_start
  deal: {{chases: 3}}
  steps: [expect: {{due: [letter]}}]
- scenario: the proposal has not been out for two weeks
  deal: {{chases: 3, proposal_sent_at: 2026-02-25}}
  steps:
  - {{until: 2026-03-10}}
  - expect: {{enrolled: false}}
  - {{until: 2026-03-12}}
  - expect: {{enrolled: true}}
- scenario: nobody is silent who answered within the two weeks
  deal: {{chases: 2}}
  steps:
  - {{event: reply, contact: C3}}
  - change: {{chases: 3}}
  - {{wait: 13d}}
  - expect: {{enrolled: false}}
  - {{wait: 3d}}
  - expect: {{enrolled: true}}
""")
    letter = shop.action("silent-prospect-letter", "letter")
    assert any("planned call and reminder" in line for line in letter.do)
    assert not any(action.kind == "call" for action in shop.playbook("silent-prospect-letter").actions())
    _set(shop, 'max_chases = 2\nsilence = "30d"')
    shop.plays(f"""{STILL_OPEN}
scenario: both numbers are the house's own
steps:
{chased * 2}
  - {{until: 2026-03-11}}
  - expect: {{enrolled: false}}
  - {{until: 2026-03-13}}
  - expect: {{enrolled: true}}
""")


def test_s2_5_one_honest_letter_goes_to_the_primary_contact_once(shop: Shop) -> None:
    letter = f"""{SILENT}
scenario: the letter, once in the life of the deal
steps:
  - expect:
      due: [letter]
      kind: {{letter: letter}}
      contact: {{letter: C2}}
      text:
        letter:
          contains: ["\\n\\nHEADLINE\\n\\n", Dear Ann, become better at what we do, tell me honestly where we fell]
  - {{event: letter.done}}
  - {{until: 2026-06-01}}
  - change: {{lost_at: 2026-06-01}}
  - {{wait: 1d}}
  - expect: {{ended: closed, due: []}}
"""
    shop.plays(letter.replace("HEADLINE", "WHERE DID WE GO WRONG?"))
    assert any("headline" in line and "bold" in line for line in shop.action("silent-prospect-letter", "letter").do)
    _set(shop, 'headline = "WHAT DID WE MISS?"')
    shop.plays(letter.replace("HEADLINE", "WHAT DID WE MISS?"))


def test_s2_6_the_letter_asks_three_things_and_their_answers_are_kept(shop: Shop) -> None:
    asked = shop.questionnaire("letter_questions")
    assert asked.answered_by == "customer"
    wanted = {"missed_mark": "miss the mark", "listened": "fail to listen", "difference": "tipped the scales"}
    assert list(asked.questions)[:3] == list(wanted)
    assert all(words in asked.questions[name].ask for name, words in wanted.items())
    letter = shop.template("where_did_we_go_wrong")
    assert all(words in letter for words in ("What did we get wrong", "poor listeners", "which difference"))
    shop.plays(f"""{SILENT}
scenario: they answer by post
steps:
  - {{event: letter.done}}
  - {{wait: 6d}}
  - {{event: reply, contact: C2, with: {{answer: explains_no, channel: letter}}}}
  - expect: {{due: [enter_answer], state: loss_review}}
  - answer: enter_answer
    with:
      {{missed_mark: no talk with engineers, listened: to one of us, difference: they listened to all,
       main_reason: misread_their_problem}}
  - {{event: enter_answer.done}}
  - expect:
      facts: {{answers.letter_questions.missed_mark: no talk with engineers, customer_reason: misread_their_problem,
        answers.letter_questions.listened: to one of us, answers.letter_questions.difference: they listened to all}}
""")


def test_s2_7_whoever_answers_at_the_account_within_two_weeks_revives_the_deal(shop: Shop) -> None:
    answers = "with: {responder: Bo Chief, seniority: more_senior, channel: phone}"
    shop.plays(f"""{SILENT}
scenarios:
- scenario: somebody more senior calls on the last day, who was never a contact of the deal
  steps:
  - {{event: letter.done}}
  - expect: {{next: {{on: 2026-03-16, to: loss_review}}}}
  - {{wait: 13d}}
  - {{event: reply, contact: C3, from: contact, {answers}}}
  - expect:
      ended: revived
      never: [loss_review]
      facts: {{answered_by_name: Bo Chief, answered_by: more_senior, letter_result: revived}}
- scenario: somebody of the account calls whom nobody here knows
  steps:
  - {{event: letter.done}}
  - {{event: reply, from: account, {answers}}}
  - expect: {{ended: revived, facts: {{answered_by: more_senior}}}}
- scenario: a day too late the review has begun, and the call is as welcome
  steps:
  - {{event: letter.done}}
  - {{wait: 15d}}
  - expect: {{state: loss_review, facts: {{letter_result: no_answer}}}}
  - {{event: reply, contact: C3, from: contact}}
  - expect: {{ended: revived, facts: {{letter_result: revived}}}}
""")
    assert shop.playbook("silent-prospect-letter").ends["revived"].success


def test_s2_8_where_the_letter_saves_nothing_the_loss_is_reviewed(shop: Shop) -> None:
    shop.plays(f"""{SILENT}
scenarios:
- scenario: no answer in two weeks
  steps:
  - {{event: letter.done}}
  - {{wait: 13d}}
  - expect: {{state: wait_for_answer, due: []}}
  - {{wait: 1d}}
  - expect: {{state: loss_review, facts: {{letter_result: no_answer}}}}
  - {{wait: 1bd}}
  - expect: {{due: [review_loss], text: {{review_loss: {{contains: [Nobody there has said why, next silence]}}}}}}
  - {{answer: review_loss, with: {{our_reason: wrong_level}}}}
  - {{event: review_loss.done}}
  - expect: {{ended: closed, facts: {{answers.loss_reason.our_reason.primary: wrong_level}}, never: [revived]}}
- scenario: the letter never went out
  steps:
  - {{skip: letter, because: nobody knows where they moved}}
  - {{wait: 1bd}}
  - expect: {{due: [review_loss]}}
""")
    shop.plays("""
playbook: four-week-check-in
deal: {owner: kim, lost_at: 2026-03-02T10:00, notified_by: silence, letter_result: no_answer}
scenario: who left even the letter unanswered is not chased again
enrol: later
steps: [{wait: 5d}, {expect: {enrolled: false}}]
""")


def test_s2_9_the_own_view_is_written_before_anybody_is_asked(shop: Shop) -> None:
    asked = shop.questionnaire("self_analysis")
    assert asked.answered_by == "self"
    assert {"did_well", "fell_short"} <= {name for name, one in asked.questions.items() if one.required}
    play = f"""{REVIEW}
scenario: first the own view
steps:
  - {{wait: 5bd}}
  - expect: {{state: self_analysis, due: [analyze_yourself, reflect]}}
  - {{answer: analyze_yourself, with: {{did_well: the pilot, fell_short: we came late, our_reason: wrong_level}}}}
  - {{event: analyze_yourself.done}}
  - {{wait: 1bd}}
  - expect: {{due: [research_meeting]}}
"""
    shop.plays(play)
    with pytest.raises(AssertionError, match="fell_short"):
        shop.plays(play.replace("fell_short: we came late, ", ""))


def test_s2_10_insiders_are_met_one_after_the_other(shop: Shop) -> None:
    sheet = "text: {research_meeting: {contains: ['Whom:   Bo Park', Who else could tell me], lacks: the next insider}}"
    second = "text: {research_meeting: {contains: 'the next insider, Acme; whom Bo Park named'}}"
    shop.plays(f"""{REVIEW}
scenarios:
- scenario: where nobody inside is known there is no such review
  enrol: later
  contacts: [{{id: C1, role: decision_maker, name: Ann Bell, phone: "1"}}]
  steps: [{{wait: 3d}}, {{expect: {{enrolled: false}}}}]
- scenario: the closest contact, then one more, then thanks
  steps:
{ANALYZED}
  - {{wait: 1bd}}
  - expect: {{due: [research_meeting], kind: {{research_meeting: meeting}}, contact: {{research_meeting: C2}}, {sheet}}}
{TOLD}
  - {{event: research_meeting.held_ask_another}}
  - {{wait: 2bd}}
  - expect: {{due: [research_meeting], {second}}}
{TOLD}
  - {{event: research_meeting.held}}
  - {{wait: 2bd}}
  - expect: {{due: [thank_insider], facts: {{debriefed_by: in_person}}}}
""")


def test_s2_11_six_questions_are_asked_of_the_insider(shop: Shop) -> None:
    wanted = {
        "why": "decided this way", "winner": "good feeling about the supplier", "did_well": "do well",
        "pluses_minuses": "for us, and what against", "improve": "get better",
        "one_thing": "one thing, done differently",
    }  # fmt: skip
    questions = shop.questionnaire("loss_review").questions
    assert set(list(questions)[:6]) == set(wanted)
    sheet = shop.template("research_meeting")
    for number, name in enumerate(list(questions)[:6], 1):
        assert wanted[name] in questions[name].ask
        assert re.search(rf'^{number}\. ".*{wanted[name]}', sheet, re.MULTILINE), name
    assert shop.action("loss-review", "research_call").questions == "loss_review"
    play = f"""{REVIEW}
scenario: held counts with the answers only
steps:
{ANALYZED}
  - {{wait: 1bd}}
{TOLD}
  - {{event: research_meeting.held}}
  - expect:
      state: thank_insiders
      facts: {{answers.loss_review.one_thing: a talk with the board, answers.loss_review.winner: they seemed larger}}
"""
    shop.plays(play)
    with pytest.raises(AssertionError, match="one_thing"):
        shop.plays(play.replace("      one_thing: a talk with the board\n", ""))


def test_s2_12_customers_are_thanked_and_their_decision_respected(shop: Shop) -> None:
    thanks, respect = "Thank you for your time.", "I respect your decision for another supplier."
    assert "must_thank" in shop.breaches(respect, kind="meeting", intent="learn")
    assert "must_respect_decision" in shop.breaches(thanks, kind="meeting", intent="learn")
    assert shop.breaches(f"{thanks} {respect}", kind="card", intent="thanks") == []
    facing = [one for one in shop.playbook("loss-review").actions() if one.customer_facing]
    assert {"learn", "thanks"} == {one.intent for one in facing}, "both rules hold for all that the customer meets"
    path = shop.folder / "playbooks/library/templates/research_meeting.txt"
    written = path.read_text(encoding="utf-8")
    for words, rule in (("thank", "must_thank"), ("respect", "must_respect_decision")):
        path.write_text(re.sub(words, "greet", written, flags=re.IGNORECASE), encoding="utf-8")
        told = shop.command("validate", code=1)
        assert "templates/research_meeting.txt" in told and f"what {rule} (S2.12" in told and "1 error" in told


def test_s2_13_a_review_sharpens_what_is_worth_chasing(shop: Shop) -> None:
    shop.begin(
        *(lost(f"L{number}", source="rfp") for number in range(20)),
        *(lost(f"M{number}", source="referral") for number in range(4)),
        *(won(f"W{number}", source="referral") for number in range(12)),
        lost("D1", source="inbound", **{"contact.role": "closest_contact"}),
    )
    report = shop.report("criteria")
    rows = {(row["criterion"], row["value"]): row for row in report["tables"]["fields"]["rows"]}
    assert report["facts"]["win_rate"] == pytest.approx(12 / 37)
    assert "source: rfp" in report["facts"]["do_not_pursue"]
    referral = rows["source", "referral"]
    assert (referral["won_part"], referral["won_of"], referral["verdict"]) == (12, 16, "strong")
    assert (referral["interval_low"], referral["interval_high"]) == pytest.approx(_wilson(12, 16))
    lines = {(row["criterion"], row["value"]): row for row in report["tables"]["criteria"]["rows"]}
    assert lines["It came as a formal tender", "yes"]["verdict"] == "do not pursue"
    exported = shop.command("report", "criteria", "--format", "csv", "--table", "fields")
    assert re.search("^source,rfp,.*,do not pursue$", exported, re.MULTILINE)

    shop.tick("2026-03-03T13:05")
    (analysis,) = [row["id"] for row in shop.due("--deal", "D1") if row["action"] == "analyze_yourself"]
    own = ("did_well=the pilot", "fell_short=we came late", "our_reason=wrong_level")
    given = [part for one in own for part in ("--set", one)]
    shop.command("answer", analysis, *given, "--checked", "--outcome", "done", "--now", "2026-03-03T13:10")
    shop.tick("2026-03-03T13:15")
    months = {row["month"]: row for row in shop.report("criteria")["tables"]["trend"]["rows"]}
    assert (months["2026-02"]["lost"], months["2026-03"]["reviews"]) == (25, 1)

    steps = """
  - {wait: 1bd}
  - {event: research_meeting.refused}
  - {wait: 1bd}
  - {event: ask_buying_process.no_answer}
  - expect: {due: [settle_criteria]}
  - {answer: settle_criteria, with: {warning_sign: no talk with the board, our_reason: wrong_level}}
  - {event: settle_criteria.not_worth_pursuing}
  - expect:
      ended: not_worth_pursuing
      facts: {pursue_again: not_worth_pursuing, answers.chase_criteria.warning_sign: no talk with the board}
"""
    shop.plays(f"{REVIEW}scenario: at the end stands whether such accounts are worth it\nsteps:\n{ANALYZED}{steps}")


def test_s2_14_silence_is_an_answer_with_a_playbook_of_its_own(shop: Shop) -> None:
    inside, chased = {"contact.role": "closest_contact"}, {"proposal_sent_at": "2026-02-01", "chases": "3"}
    shop.begin(
        lost("D1", **inside, notified_by="silence", competitor="Buildwise", amount="50000"),
        lost("D2", **inside, notified_by="phone", competitor="Buildwise"),
        lost("D3", **chased, notified_by="", status="open", lost_at=""),
        now="2026-03-02T13:00",
    )
    followed = {row["deal"]: row["playbook"] for row in shop.due()}
    assert followed == {"D1": "silent-prospect-letter", "D2": "loss-review", "D3": "silent-prospect-letter"}
    shop.plays("""
playbook: win-loss-call
scenario: who never told us is asked for no call about it
enrol: later
deal: {owner: kim, lost_at: 2026-03-02T10:00, notified_by: silence, competitor: Buildwise}
steps: [{wait: 3d}, {expect: {enrolled: false}}]
""")
    shop.plays(f"""{STILL_OPEN}
scenarios:
- scenario: it is no silence where somebody there has answered lately, whatever the CRM says
  steps:
  - {{event: reply, contact: C3}}
  - change: {{status: lost, lost_at: 2026-03-02, notified_by: silence}}
  - {{wait: 2d}}
  - expect: {{enrolled: false}}
""")


# --- helpers ----------------------------------------------------------------------------------------------------------


def _set(shop: Shop, lines: str) -> None:
    """Parameters of the letter in the workspace's own settings."""
    with (shop.folder / "playbook.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[params.silent-prospect-letter]\n{lines}\n")
    del shop.workspace  # read anew


def _wilson(part: int, whole: int) -> tuple[float, float]:
    """The interval of Wilson (1927), by the formula of the textbook."""
    z, share = 1.959963984540054, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return middle - half, middle + half
