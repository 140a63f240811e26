"""`playbook simulate --fit`: it finds again what a history was made with, and says what it could not know."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
import yaml

from engine.authoring.known import SeenFile, parse_yaml
from engine.core.account import Account, Contact, Deal
from engine.core.building.findings import Findings
from engine.core.enrolment import Event
from engine.data_dir import data_dir
from engine.experiments.statistics.incidence import Watched
from engine.simulation.behaviour import Behaviour
from engine.simulation.building import build_behaviour
from engine.simulation.fitted_file import duration, fitted_text, kept
from engine.simulation.fitting import fit
from engine.simulation.watching import seen
from engine.store.reported import ReportedAccount, ReportedAction, ReportedEnrolment
from tests.simulation.lives import DAY, HOUR, LIVELY, MONDAY, WEEK, likely, sure

NOW = MONDAY + 400 * DAY
SPREAD = 0.8  # of the logarithm of every delay


class Pages:
    """The one verb of a store that fitting asks, over accounts made here."""

    def __init__(self, accounts: list[ReportedAccount]) -> None:
        self.accounts = accounts

    def report_page(self, after, limit, needs=(), statuses=()):
        return [one for one in self.accounts if one.account.id > after][:limit]

    def draws_of(self, accounts):
        return []


def history(count: int, *, reply: float, late: int, now: int = NOW) -> list[ReportedAccount]:
    """Each loss gets two e-mails eight weeks apart; `reply` of the touches are answered after a median of `late` s.
    What would come after `now` has not happened."""
    numbers, accounts = random.Random(5), []
    for number in range(count):
        account, deal = f"A{number:05d}", f"D{number:05d}"
        lost = MONDAY + numbers.randrange(330) * DAY
        log, actions = [], []
        for place in range(2):
            due = lost + place * 8 * WEEK
            done = due + round(math.exp(math.log(6 * HOUR) + SPREAD * numbers.gauss(0, 1)))
            told = numbers.random() < 0.85
            if due > now:
                continue
            closed = done if told and done <= now else None
            actions.append(_action(f"{deal}-{place}", deal, due, closed))
            answered = done + round(math.exp(math.log(late) + SPREAD * numbers.gauss(0, 1)))
            if closed and numbers.random() < reply and answered <= now:
                log.append(Event("reply", answered, deal=deal, contact=f"C{number}", fields={}))
                won = answered + 20 * DAY
                if numbers.random() < 0.5 and won <= now and len(log) == 1:
                    log.append(Event("won", won, deal=deal))
        fields = {"status": "lost", "lost_at": _day(lost), "owner": "ana"}
        accounts.append(ReportedAccount(
            Account(account, deals={deal: Deal(deal, account, fields, [(f"C{number}", "")])},
                    contacts={f"C{number}": Contact(f"C{number}", account)}, log=log),
            actions=actions, enrolments=[ReportedEnrolment(deal, "letters", True, lost, fields["lost_at"], "", None)],
        ))  # fmt: skip
    return accounts


def _action(identity: str, deal: str, due: int, closed: int | None) -> ReportedAction:
    status = "due" if closed is None else "done"
    return ReportedAction(
        id=identity, deal=deal, enrolment=f"E{deal}", playbook="letters", name="write", kind="email", facing=True,
        status=status, due_at=due, closed_at=closed, contact=f"C{int(deal[1:])}", outcome="done" if closed else "",
    )  # fmt: skip


def _day(instant: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(instant, UTC).date().isoformat()


BASE = Behaviour(
    name="base", reps={"any": sure(DAY)}, replies={"email": likely(0, 1, DAY, DAY), "letter": sure(9 * DAY, 0.25)},
    wins={"reply": sure(DAY, 0.5), "by_itself": sure(30 * DAY, 0.01)}, opt_outs={"any": sure(DAY, 0.1)},
    outcomes={"any": {"no_answer": 3}}, fields={"reply": {"answer": {"yes": 2, "no": 1}}},
)  # fmt: skip


@pytest.fixture(scope="module")
def fitted(workspace):
    return fit(Pages(history(900, reply=0.3, late=2 * DAY)), workspace.world, BASE, {}, NOW)


def test_it_finds_what_the_history_was_made_with(fitted):
    replies = fitted.seen["replies", "email"]
    assert replies.cases > 1_400
    low, high = replies.share
    assert low < 0.3 < high
    assert high - low < 0.06
    assert math.isclose(replies.median, 2 * DAY, rel_tol=0.15)
    assert math.isclose(replies.p90, 2 * DAY * math.exp(SPREAD * 1.2816), rel_tol=0.2)
    reps = fitted.seen["reps", "any"]
    assert reps.share[0] < 0.85 < reps.share[1]
    assert math.isclose(reps.median, 6 * HOUR, rel_tol=0.12)
    wins = fitted.seen["wins", "reply"]
    assert wins.cases > 350
    assert wins.share[0] < wins.endings / wins.cases < wins.share[1]
    assert abs(wins.endings / wins.cases - 0.5) < 0.07
    assert fitted.seen["opt_outs", "email"].share[0] == 0
    assert fitted.seen["opt_outs", "email"].share[1] < 0.01


def test_what_has_not_had_its_time_yet_is_not_taken_for_a_no(workspace):
    """Many touches are fresh, and half of the replies take longer than ten days: a plain count finds too few."""
    now = MONDAY + 90 * DAY
    accounts = history(3_000, reply=0.4, late=10 * DAY, now=now)
    found = fit(Pages(accounts), workspace.world, BASE, {}, now).seen["replies", "email"]
    assert found.share[0] < 0.4 < found.share[1]
    assert found.endings / found.cases < 0.33, "the plain share"


def test_where_there_is_too_little_the_value_one_began_with_is_kept_and_that_is_said(workspace):
    fitted = fit(Pages(history(6, reply=0.5, late=2 * DAY)), workspace.world, BASE, {}, NOW)
    told = kept(fitted)
    assert "replies.letter: not a single case, fewer than 20" in told
    assert any(line.startswith("replies.email: only") for line in told)
    text = fitted_text(fitted, "ours", "2026-03-02")
    content = yaml.safe_load(text)
    assert content["replies"]["letter"] == {"share": 0.25, "median": "9d", "p90": "9d"}
    assert "letter: {share: 0.25, median: 9d, p90: 9d}  # kept: not a single case" in text


def test_the_file_is_sound_and_means_what_was_found(fitted, workspace):
    text = fitted_text(fitted, "ours", "2026-03-02")
    file = SeenFile(path="ours.yaml", hash="", content=text.encode(), fresh=True)
    parse_yaml(file, "behaviour", data_dir("schemas"))
    assert file.problems == []
    findings = Findings()
    behaviour = build_behaviour(file.content, findings)
    assert findings.found == []
    found = fitted.seen["replies", "email"]
    assert math.isclose(behaviour.replies["email"].share.low, found.share[0], abs_tol=1e-4)
    assert math.isclose(behaviour.replies["email"].median, found.median, rel_tol=0.03)
    assert behaviour.outcomes == BASE.outcomes
    assert behaviour.fields == BASE.fields


def test_a_fit_of_nothing_keeps_everything(workspace):
    fitted = fit(Pages([]), workspace.world, LIVELY, {}, NOW)
    content = yaml.safe_load(fitted_text(fitted, "ours", "2026-03-02"))
    assert content["replies"]["any"]["share"] == [0.1, 0.4]
    assert content["wins"]["by_itself"] == {"share": [0.01, 0.04], "median": "60d", "p90": "200d"}
    assert len(kept(fitted)) == sum(len(table) for _, table in LIVELY.chances())


def test_outcomes_and_what_replies_say_are_counted(workspace):
    events = [Event("opted_out", MONDAY + n, contact="C0", fields={"channel": "email"}) for n in range(6)]
    deal = Deal("D0", "A0", {"status": "lost", "lost_at": "2026-03-02"}, [("C0", "")])
    account = Account("A0", deals={"D0": deal}, contacts={"C0": Contact("C0", "A0")}, log=events)
    actions = [
        _action(f"D00000-{n}", "D00000", MONDAY, MONDAY + HOUR)._replace(name="call", outcome=outcome)
        for n, outcome in enumerate(["talked", "no_answer", "no_answer"] * 3)
    ]  # fmt: skip
    fitted = fit(Pages([ReportedAccount(account, actions=actions)]), workspace.world, BASE, {}, NOW)
    assert fitted.outcomes == {"call": {"talked": 3, "no_answer": 6}}
    content = yaml.safe_load(fitted_text(fitted, "ours", "2026-03-02"))
    assert content["outcomes"] == {"any": {"no_answer": 3}, "call": {"talked": 3, "no_answer": 6}}


def test_a_share_is_read_where_enough_are_still_watched():
    cases = [Watched(days=day, ending="") for day in range(1, 100)] + [Watched(days=500, ending="reply")]
    assert seen(cases, "reply").share[1] < 0.5, "the last one of a hundred does not decide for all"
    assert seen(cases[:10], "reply").share is None
    assert seen([Watched(days=1, ending="reply")] * 30, "reply").share[1] == 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(10, "1min"), (5_400, "90min"), (6 * HOUR, "6h"), (3 * DAY, "72h"), (9 * DAY, "9d")]
)
def test_delays_are_written_in_the_unit_that_people_would_use(seconds, text):
    assert duration(seconds) == text


def test_the_command_writes_a_file_that_the_simulation_reads(shop):
    output = shop.folder / "playbooks" / "behaviours" / "ours.yaml"
    output.parent.mkdir(exist_ok=True)
    told = shop.run("simulate", "--fit", "--output", str(output), "--now", "2026-03-10")
    assert told.code == 0, told.err
    assert "too little data for" in told.err
    assert "Fitted by `playbook simulate --fit` from 3 losses and 0 touches, as of 2026-03-10." in output.read_text()
    assert shop.run("validate").code == 0
    played = shop.run("simulate", "check-in", "--deals", "20", "--from", "2026-03-02", "--behaviour", "ours",
                      "--replicates", "2")  # fmt: skip
    assert played.code == 0, played.err
    refused = shop.run("simulate", "--fit", "--output", "ours.csv")
    assert refused.err == "playbook: ours.csv is no YAML file\n  name it playbooks/behaviours/ours.yaml\n"


# --- deals that came back -------------------------------------------------------------------------------------------


def come_back(count: int, share: float, *, emptied: bool = True) -> list[ReportedAccount]:
    """Losses that nobody approaches, of which `share` is won back; the import that tells it empties the day of loss."""
    numbers, accounts = random.Random(8), []
    for number in range(count):
        account, deal = f"A{number:05d}", f"D{number:05d}"
        lost = MONDAY + numbers.randrange(100) * DAY
        fields, log = {"status": "lost", "lost_at": _day(lost)}, []
        if numbers.random() < share:
            won = lost + numbers.randrange(20, 100) * DAY
            news = {"status": "won", "won_at": _day(won), **({"lost_at": None} if emptied else {})}
            log.append(Event("imported", won + 5 * DAY, deal=deal, fields={"deal": news}))
            fields = {**fields, **news}
        accounts.append(ReportedAccount(
            Account(account, deals={deal: Deal(deal, account, fields)}, log=log),
            enrolments=[ReportedEnrolment(deal, "silence", False, lost, _day(lost), "over", lost + DAY)],
        ))  # fmt: skip
    return accounts


@pytest.mark.parametrize("emptied", [True, False])
def test_deals_that_were_won_back_are_found_though_the_crm_forgot_their_loss(workspace, emptied):
    base = replace(BASE, wins={"by_itself": likely(0.01, 0.02, 50 * DAY, 95 * DAY)})
    fitted = fit(Pages(come_back(600, 0.3, emptied=emptied)), workspace.world, base, {"silence": {"over"}}, NOW)
    found = fitted.seen["wins", "by_itself"]
    assert fitted.deals == found.cases == 600
    assert found.share[0] < 0.3 < found.share[1] < 0.37
    assert math.isclose(found.median, 59 * DAY, rel_tol=0.12), "as the CRM dates the win, not as it was imported"
    success = fitted.seen["wins", "success"]
    assert success.share[0] < 0.3 < success.share[1]


def test_what_was_not_watched_for_long_enough_is_kept(workspace):
    """Two hundred touches of yesterday say nothing of answers that take a week."""
    base = replace(BASE, replies={"email": likely(0.04, 0.12, DAY, 7 * DAY)})
    accounts = history(200, reply=0.0, late=2 * DAY)
    first = {one.deal: one.closed_at for account in accounts for one in account.actions if one.closed_at}
    for account in accounts:
        account.actions = [one._replace(due_at=NOW - 2 * DAY, closed_at=NOW - DAY) for one in account.actions[:1]
                           if one.deal in first]  # fmt: skip
    fitted = fit(Pages(accounts), workspace.world, base, {}, NOW)
    assert fitted.seen["replies", "email"].share is None
    content = yaml.safe_load(fitted_text(fitted, "ours", "2026-03-02"))
    assert content["replies"]["email"]["share"] == [0.04, 0.12]
    assert any("replies.email" in line and "not watched for as long as it takes" in line for line in kept(fitted))


def test_wins_by_themselves_are_kept_where_touches_come_long_before_them(workspace):
    base = replace(BASE, wins={"by_itself": likely(0.005, 0.02, 120 * DAY, 300 * DAY)})
    fitted = fit(Pages(history(300, reply=0.3, late=2 * DAY)), workspace.world, base, {}, NOW)
    assert fitted.seen["wins", "by_itself"].young


def test_touches_that_follow_each_other_fast_are_said_to_come_out_high(workspace):
    base = replace(BASE, replies={"email": likely(0.04, 0.12, 30 * DAY, 90 * DAY)})
    fitted = fit(Pages(history(300, reply=0.3, late=2 * DAY)), workspace.world, base, {}, NOW)
    assert "somewhat high" in fitted_text(fitted, "ours", "2026-03-02")


# --- when a case is watched -----------------------------------------------------------------------------------------


def alike(count: int, *log: tuple[str, int], followed: int = 0, touched: bool = True) -> list[ReportedAccount]:
    """Deals lost on Monday with one e-mail that was done at once; `log`: (event, seconds after `followed`)."""
    accounts = []
    for number in range(count):
        account, deal, begun = f"A{number:05d}", f"D{number:05d}", MONDAY + followed
        events = [Event(name, begun + later, deal=deal, contact=f"C{number}", fields={}) for name, later in log]
        fields = {"status": "lost", "lost_at": _day(MONDAY), "owner": "ana"}
        accounts.append(ReportedAccount(
            Account(account, deals={deal: Deal(deal, account, fields, [(f"C{number}", "")])},
                    contacts={f"C{number}": Contact(f"C{number}", account)}, log=events),
            actions=[_action(f"{deal}-0", deal, begun, begun)] if touched else [],
            enrolments=[ReportedEnrolment(deal, "letters", True, begun, _day(MONDAY), "", None)],
        ))  # fmt: skip
    return accounts


@pytest.mark.parametrize(("won", "opt_outs"), [(3 * DAY, 0), (7 * DAY, 30)])
def test_an_opt_out_after_the_deal_was_won_is_none_that_the_touch_brought(won, opt_outs, workspace):
    accounts = alike(30, *sorted([("won", won), ("opted_out", 5 * DAY)], key=lambda one: one[1]))
    found = fit(Pages(accounts), workspace.world, BASE, {}, NOW).seen["opt_outs", "email"]
    assert (found.cases, found.endings) == (30, opt_outs)


def test_a_deal_that_was_followed_weeks_after_its_loss_is_watched_from_then_on(workspace):
    """A win five days later was five days in coming, and not forty."""
    accounts = alike(30, ("won", 5 * DAY), followed=5 * WEEK, touched=False)
    found = fit(Pages(accounts), workspace.world, BASE, {}, NOW).seen["wins", "by_itself"]
    assert (found.cases, found.endings, found.median) == (30, 30, 5 * DAY)
