"""`playbook answer`, and the call sheet with its questions, through the command line."""

import io
import json
import os
import pty
import select
import signal
import sys
import time

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import cli
from engine.console import answering
from tests.console import shop as shops
from tests.console.asked import action, make

KEPT = {"primary": "priced_out", "also": [], "branch": "should_have_won"}
TICKED, ANSWERS = "y\ny\n", "1\n4\n\n?\n"  # the checklist; reason, fit, winner skipped, again unknown


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked") / "shop"
    make(folder)
    return folder


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    monkeypatch.setenv("PLAYBOOK_USER", "kim")
    monkeypatch.setenv("PLAYBOOK_TRACEBACK", "1")


def answers(shop, deal="D-1"):
    """What is pending, by question."""
    with shop.store() as store:
        found = [one.event.fields["answers"] for one in store.pending_events(deal) if "answers" in one.event.fields]
    return found[-1] if found else None


@pytest.fixture
def typed(shop, monkeypatch):
    """The command at a terminal, at which `keys` are typed: (exit code, what stood there)."""
    monkeypatch.setattr(answering, "at_terminal", lambda: True)

    def run(keys, *arguments):
        command = ["--workspace", str(shop.folder), "answer", action(shop), *arguments]
        result = CliRunner().invoke(cli.playbook, command, input=keys)
        return result.exit_code, result.output

    return run


# --- set and file ---------------------------------------------------------------------------------------------------


def test_answers_are_set_one_by_one(shop):
    told = shop.run("answer", action(shop)[:6], "--checked", "--set", "reason=priced_out", "--set", "fit=4")
    assert (told.code, answers(shop)) == (0, {"reason": KEPT, "fit": 4})
    assert "2 answers to debrief for D-1 recorded; the next tick acts on it" in told.err
    assert "playbook done" in told.err


def test_the_outcome_is_recorded_in_the_same_command_and_taken_back_with_it(shop):
    told = shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out,wrong_level", "--set", "fit=?",
                    "--outcome", "talked")  # fmt: skip
    assert told.code == 0 and "and debrief.talked" in told.err
    assert shop.pending() == ["answered.debrief", "debrief.talked"]
    assert answers(shop)["reason"]["also"] == ["wrong_level"] and answers(shop)["fit"] == "unknown"
    assert "taken back: debrief.talked" in shop.run("undo", "D-1").err
    assert shop.pending() == []


def test_a_wrong_outcome_leaves_no_answers_behind(shop):
    told = shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4",
                    "--outcome", "tlaked")  # fmt: skip
    assert told.code == 2 and "did you mean talked?" in told.err and shop.pending() == []


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_recorded(shop):
    told = shop.run("answer", action(shop), "--checked", "--set", "reason=priced_uot", "--set", "wniner=Beta")
    assert told.code == 2 and shop.pending() == []
    assert "3 answers cannot be recorded" in told.err and "did you mean 'priced_out'?" in told.err
    assert "did you mean 'winner'?" in told.err and "fit: no answer to 'How well did we fit?'" in told.err


def test_a_file_of_answers_is_yaml_or_json_or_standard_input(shop, monkeypatch):
    yaml = shop.write("answers.yaml", "reason: priced_out\nfit: 4\nwinner: Beta\nagain: yes\n")
    assert shop.run("answer", action(shop), "--checked", "--file", yaml).code == 0
    first = answers(shop)
    assert first == {"reason": KEPT, "fit": 4, "winner": "Beta", "again": True}
    shop.run("undo", "D-1")
    as_json = shop.write(
        "answers.json", '{"reason": {"primary": "priced_out"}, "fit": 4, "winner": "Beta", "again": true}'
    )
    assert shop.run("answer", action(shop), "--checked", "--file", as_json).code == 0
    assert answers(shop) == first
    shop.run("undo", "D-1")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"reason: priced_out\nfit: 4\n")))
    assert shop.run("answer", action(shop), "--checked", "--file", "-", "--set", "winner=Beta").code == 0
    assert answers(shop) == {"reason": KEPT, "fit": 4, "winner": "Beta"}


def test_a_key_that_stands_twice_in_a_file_of_json_is_refused_as_in_yaml(shop):
    file = shop.write("answers.json", '{"reason": "priced_out", "fit": 4, "fit": 2}')
    told = shop.run("answer", action(shop), "--checked", "--file", file)
    assert told.code == 2 and "'fit' is written twice" in told.err and shop.pending() == []


def test_the_same_key_records_answers_and_their_outcome_once(shop):
    command = ("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4",
               "--outcome", "talked", "--key", "form 17")  # fmt: skip
    assert shop.run(*command).code == 0
    again = shop.run(*command)
    assert again.code == 0 and "recorded before (same key): nothing changed" in again.err
    assert shop.pending() == ["answered.debrief", "debrief.talked"]


def test_done_is_no_way_past_the_questions_where_it_is_not_among_the_outcomes(shop):
    told = shop.run("done", action(shop), "done", "--checked")
    assert told.code == 2 and "debrief needs answers first; 2 required questions are open" in told.err
    assert "outcomes are talked, no_answer\n" in shop.run("done", action(shop), "--checked").err
    assert shop.run("done", action(shop), "no_answer", "--checked").code == 0
    shop.run("undo", "D-1")
    shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4")
    assert shop.run("done", action(shop), "done").code == 0


def test_what_is_wrong_in_a_file_has_its_line(shop):
    file = shop.write("answers.yaml", "reason: priced_out\nfit: 9\n")
    told = shop.run("answer", action(shop), "--checked", "--file", file)
    assert f"{file}:2:6: fit: 9 does not fit; write a whole number from 1 to 5, or unknown" in told.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.json", '{"fit": ', "a.json:1:9: this is no JSON"),
        ("a.json", '{"winner": "\\ud800"}', "half a character"),
        ("a.json", "[1]", "holds no answers"),
        ("a.json", "{" + '"a":[' * 5000, "no JSON"),
        ("a.yaml", "fit: [", "a.yaml:"),
        ("a.yaml", "- fit", "holds no answers"),
        ("a.yaml", "", "the file is empty"),
        ("gone.yaml", None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_answers_says_why(shop, name, text, words):
    file = shop.write(name, text) if text is not None else str(shop.folder / name)
    told = shop.run("answer", action(shop), "--checked", "--file", file)
    assert told.code == 2 and words in told.err and shop.pending() == []


def test_a_question_set_twice_or_to_nothing_is_refused(shop):
    twice = shop.run("answer", action(shop), "--set", "fit=4", "--set", "fit=5")
    assert twice.code == 2 and "set twice" in twice.err
    assert "sets nothing" in shop.run("answer", action(shop), "--set", "fit").err


def test_a_dry_run_shows_what_would_be_recorded(shop):
    told = shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4", "--dry-run")
    assert "reason: Priced out" in told.err and "nothing was recorded" in told.err and shop.pending() == []


def test_the_checklist_comes_first(shop):
    told = shop.run("answer", action(shop), "--set", "reason=priced_out", "--set", "fit=4")
    assert told.code == 2 and "reread your notes" in told.err and "--checked" in told.err


def test_late_answers_say_whose_they_are_and_from_when(shop):
    late = action(shop)
    shop.run("done", late, "no_answer", "--checked")
    shop.run("tick", "--now", shops.LATER)
    told = shop.run("answer", late, "--checked", "--set", "reason=priced_out", "--set", "fit=4", "--contact", "C1",
                    "--note", "by e-mail", "--at", "2026-03-02T10:30")  # fmt: skip
    assert told.code == 0 and "playbook done" not in told.err
    with shop.store() as store:
        event = store.pending_events("D-1")[0].event
    assert (event.contact, event.fields["note"], event.by) == ("C1", "by e-mail", "kim")
    assert event.occurred_at is not None


def test_without_a_terminal_the_questions_and_an_example_are_shown(shop):
    told = shop.run("answer", action(shop))
    assert told.code == 2 and "Why did we lose?" in told.err and "--set reason=" in told.err


def test_an_action_without_questions_says_so(shop):
    told = shop.run("answer", action(shop, "think"), "--set", "fit=4")
    assert told.code == 2 and "think asks no questions" in told.err


def test_show_lists_the_questions_with_what_is_answered(shop):
    shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4")
    told = shop.run("answer", action(shop), "--show")
    assert "1. Why did we lose?  (reason: several, the main one first, required)" in told.out
    assert "answered: Priced out" in told.out and "- wrong_level: Wrong level" in told.out


def test_the_schema_of_a_file_of_answers_is_printed(shop):
    by_action = json.loads(shop.run("answer", action(shop), "--show", "--format", "json").out)
    by_name = json.loads(shop.run("schema", "--answers", "debrief").out)
    assert by_action == by_name
    validator = Draft202012Validator(by_name)
    assert validator.is_valid({"reason": {"primary": "priced_out"}, "fit": "unknown"})
    assert not validator.is_valid({"reason": "priced_out"})
    told = shop.run("schema", "--answers", "debreif")
    assert told.code == 2 and "did you mean debrief?" in told.err


# --- outcomes that need answers -------------------------------------------------------------------------------------


def test_done_points_to_the_questions_that_are_open(shop):
    told = shop.run("done", action(shop), "talked", "--checked")
    assert told.code == 2 and "2 required questions are open" in told.err
    assert f"playbook answer {action(shop)}" in told.err
    shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4")
    assert shop.run("done", action(shop), "talked").code == 0


def test_a_list_that_comes_back_answers_too(shop):
    rows = [f"{action(shop)},talked,yes,priced_out,5", f"{action(shop, deal='D-2')},talked,yes,,9"]
    file = shop.write("back.csv", "\n".join(["action,outcome,checked,answer.reason,answer.fit", *rows]))
    told = shop.run("record", "--file", file)
    assert told.code == 1 and "1 recorded, 0 known already, 1 rejected" in told.err
    assert shop.pending() == ["answered.debrief", "debrief.talked"] and shop.pending("D-2") == []


# --- the dialogue ---------------------------------------------------------------------------------------------------


def test_the_dialogue_ticks_off_asks_sums_up_and_records(shop, typed):
    code, out = typed(f"{TICKED}{ANSWERS}y\n1\n")
    assert code == 0, out
    assert answers(shop) == {"reason": KEPT, "fit": 4, "again": "unknown"}
    assert shop.pending() == ["answered.debrief", "debrief.talked"]
    places = [out.index(text) for text in ("What the customer tells us", "Write down their words", "reread your notes",
                                           "Question 1 of 4", "Priced out", "Question 4 of 4", "Your answers:",
                                           "Record this?", "How did it go?")]  # fmt: skip
    assert places == sorted(places)


def test_without_a_tick_no_question_is_asked(shop, typed):
    code, out = typed("y\nn\n")
    assert code == 2 and "not yet: reread the e-mails" in out and "Question" not in out
    assert shop.pending() == []


def test_what_was_ticked_once_is_not_asked_again(shop, typed):
    typed(f"{TICKED}{ANSWERS}y\n\n")
    code, out = typed("\n\nBeta\n\ny\n\n")
    assert code == 0 and "reread" not in out
    assert answers(shop)["winner"] == "Beta"


def test_a_required_question_is_asked_until_it_is_answered(shop, typed):
    code, out = typed(f"{TICKED}\n7\n2,1\nnine\n9\n3\n\n\ny\n\n")
    assert code == 0, out
    assert "This one is required" in out and "type a number from 1 to 3, or ?" in out and "from 1 to 5" in out
    assert out.count("Question 1 of 4") == out.count("Question 2 of 4") == 1
    assert answers(shop)["reason"] == {"primary": "wrong_level", "also": ["priced_out"], "branch": "should_have_won"}
    assert shop.pending() == ["answered.debrief"]


def test_one_can_go_back_and_keep_what_stands_there(shop, typed):
    code, out = typed(f"{TICKED}<\n1\n4\n<\n5\n<\n\nBeta\nno\ny\n\n")
    assert code == 0, out
    assert answers(shop) == {"reason": KEPT, "fit": 5, "winner": "Beta", "again": False}
    assert "[4] >" in out


def test_what_the_deal_knows_already_is_offered(shop, typed):
    typed(f"{TICKED}{ANSWERS}y\n2\n")
    shop.run("tick", "--now", shops.LATER)
    with shop.store() as store:
        closed = next(row for row in store.actions_of(store.enrolments_of("D-1")[0].id) if row.name == "debrief")
    result = CliRunner().invoke(cli.playbook, ["-w", str(shop.folder), "answer", closed.id], input="\n\nBeta\n\ny\n")
    assert result.exit_code == 0 and "[Priced out] >" in result.output and "How did it go?" not in result.output
    assert answers(shop)["winner"] == "Beta"


def test_what_can_be_answered_no_more_is_not_offered(shop, typed, monkeypatch):
    stale = {"reason": {"primary": "gone", "also": [], "branch": "gone"}, "fit": 9, "winner": "Beta", "dropped": "x"}
    monkeypatch.setattr(answering, "_known_of_deal", lambda desk, asked: stale)
    code, out = typed(f"{TICKED}1\n4\n\n\ny\n\n")
    assert code == 0, out
    assert answers(shop) == {"reason": KEPT, "fit": 4, "winner": "Beta"}


def test_no_at_the_end_records_nothing(shop, typed):
    code, out = typed(f"{TICKED}{ANSWERS}n\n")
    assert code == 2 and "nothing was recorded" in out and shop.pending() == []


@pytest.mark.parametrize("keys", ["", "y\n", TICKED, f"{TICKED}1\n4\n", f"{TICKED}{ANSWERS}", f"{TICKED}{ANSWERS}y\n"])
def test_leaving_in_the_middle_records_nothing_and_says_so(shop, typed, keys):
    code, out = typed(keys)
    assert code == 1 and "nothing was recorded" in out and shop.pending() == []


def test_the_dialogue_at_a_real_terminal(shop):
    keys = (TICKED + ANSWERS + "y\n1\n").splitlines(keepends=True)
    out, code = at_terminal(shop, keys)
    assert code == 0, out
    assert shop.pending() == ["answered.debrief", "debrief.talked"] and "Question 4 of 4" in out


def test_ctrl_c_at_a_real_terminal_leaves_nothing_behind(shop):
    out, code = at_terminal(shop, ["y\n", "y\n", "1\n", "\x03"])
    assert code == 130 and "nothing was recorded" in out and "Traceback" not in out
    assert shop.pending() == []


def at_terminal(shop, keys):
    """One process with a terminal of its own: each of `keys` is typed once a prompt waits. (output, exit code)"""
    command = [sys.executable, cli.__file__, "-w", str(shop.folder), "answer", action(shop)]
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background have it ignored
        os.execv(sys.executable, command)
    out, waiting, until = "", list(keys), time.monotonic() + 20
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        try:
            chunk = os.read(terminal, 4096).decode("utf-8", "replace") if ready else ""
        except OSError:
            break
        if ready and not chunk:
            break
        out += chunk
        if not ready and waiting and out.rstrip(" ").endswith((">", ":", "]")):
            os.write(terminal, waiting.pop(0).encode())
            out += "\n"
    os.close(terminal)
    return out, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- call sheets ----------------------------------------------------------------------------------------------------


def test_the_call_sheet_shows_questions_with_help_choices_and_answers(shop):
    told = shop.run("due", action(shop))
    for text in ("Do:", "thank them", "Do not:", "arguing", "Questions (What the customer tells us):",
                 "1. Why did we lose?", "By what they said", "- priced_out: Priced out"):  # fmt: skip
        assert text in told.out
    assert f"playbook answer {action(shop)[:4]}   (before talked)" in told.out and "answered:" not in told.out
    shop.run("answer", action(shop), "--checked", "--set", "reason=priced_out", "--set", "fit=4")
    told = shop.run("due", action(shop))
    assert "answered: Priced out" in told.out and "--checked" not in told.out and "(before" not in told.out


def test_the_sheet_as_json_has_the_questions(shop):
    found = json.loads(shop.run("due", action(shop), "--format", "json").out)[0]
    assert [one["name"] for one in found["questions"]] == ["reason", "fit", "winner", "again"]
    assert found["questions"][0]["values"]["priced_out"] == "Priced out" and found["avoid"] == ["arguing"]
