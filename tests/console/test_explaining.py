import json

from tests.console.shop import LATER


def test_why_names_the_rule_behind_what_is_due_and_what_can_come_of_it(shop):
    told = shop.run("why", "D-1").out
    assert "check-in has followed it since 2026-03-02 10:00" in told
    assert f"call ask {shop.action()[:8]}, for kim: handed out 2026-03-02 10:00 (at once)" in told
    assert "      ask.granted → wait\n" in told
    assert "ask.refused → end declined  (in every state)" in told
    assert "If nothing happens: on 2026-03-16 10:00: after 14d → wait\n" in told


def test_why_names_people_and_not_their_ids(shop):
    told = shop.run("why", "D-1").out
    assert "call to Ann Bell" in told and "\x1b" not in told


def test_why_says_which_part_of_an_enrol_condition_does_not_hold_and_what_was_found_instead(shop):
    told = shop.run("why", "D-3").out
    assert "check-in does not take it: its enrol condition does not hold" in told
    assert "  - since.deal.lost_at at most 90d (it is 2024-02-20)\n" in told
    assert "status" not in told


def test_why_as_json_has_times_with_their_offset(shop):
    told = json.loads(shop.run("why", "D-3", "--format", "json").out)
    assert told["now"] == "2026-03-02T10:00:00+00:00"
    [verdict] = [one for one in told["verdicts"] if one["playbook"] == "check-in"]
    assert verdict["failing"] == [{"asks": "since.deal.lost_at at most 90d", "value": "2024-02-20"}]
    coming = json.loads(shop.run("why", "D-1", "--format", "json").out)["enrolments"][0]["if_nothing_happens"]
    assert coming["at"] == "2026-03-16T10:00:00+00:00"


def test_why_says_that_a_paused_deal_waits_for_its_release(shop):
    shop.run("pause", "D-1")
    shop.run("tick", "--now", LATER)
    told = shop.run("why", "D-1").out
    assert "until it is released" in told and "command." not in told


def test_why_says_when_a_pause_ends_by_itself(shop):
    text = (shop.folder / "playbooks/check-in.yaml").read_text(encoding="utf-8")
    waiting = "anywhere:\n  - {event: reply, pause: {until: asked_for, at_most: 30d}}\n"
    shop.write("playbooks/check-in.yaml", text.replace("anywhere:\n", waiting))
    shop.run("enrol", "D-3", "check-in")
    shop.run("tick", "--now", LATER)
    shop.run("record", "reply", "--deal", "D-3")
    shop.run("tick", "--now", "2026-03-02T12:00")
    told = shop.run("why", "D-3").out
    assert "until asked_for" in told and "2026-04-01 11:00  the pause ends" in told


def test_a_name_that_the_roster_does_not_know_is_not_answered_with_an_empty_list(shop):
    for command in (("due", "--assignee", "Kim X"), ("due", "--team", "wets"), ("deals", "--owner", "kmi")):
        told = shop.run(*command)
        assert told.code == 2 and "not in roster.yaml" in told.err
    assert "did you mean kim?" in shop.run("deals", "--owner", "kmi").err


def test_ids_cut_too_short_and_ids_of_the_wrong_kind_get_a_hint_that_helps(shop):
    assert "write a few more characters" in shop.run("record", "reply", "--deal", "D-").err
    assert "playbook due --deal D-1" in shop.run("done", "D-1", "granted").err
    assert "did you mean granted?" in shop.run("done", shop.action(), "grantd").err
    assert "or a duration such as 2bd" in shop.run("defer", shop.action(), "tomorrow").err


def test_what_a_tick_hands_out_is_told_as_due_tells_it(shop):
    shop.run("done", shop.action(), "granted")
    told = json.loads(shop.run("tick", "--now", LATER, "--format", "json").out)
    listed = json.loads(shop.run("due", "--deal", "D-1", "--format", "json").out)[0]
    assert told["now"] == "2026-03-02T11:00:00+00:00"
    [row] = told["due"]
    assert row == {name: listed[name] for name in row} and row["action"] == "review"


def test_the_tick_lists_the_ids_that_other_commands_take(shop):
    shop.run("done", shop.action(), "granted")
    told = shop.run("tick", "--now", LATER)
    short = told.out.splitlines()[1].split()[0]
    assert "D-1 =SUM(A1)" in told.out and "1 transition," in told.err
    assert shop.run("due", short).code == 0


def test_what_kept_an_earlier_playbook_out_is_told_though_another_follows_the_deal(shop):
    vip = (shop.folder / "playbooks/check-in.yaml").read_text().replace("playbook: check-in", "playbook: vip")
    (shop.folder / "playbooks/vip.yaml").write_text(vip.replace("{status: {is: lost},", "{name: {is: Roof},"))
    settings = shop.folder / "playbook.toml"
    settings.write_text(settings.read_text().replace('["check-in"', '["vip", "check-in"'))
    told = shop.run("why", "D-1").out
    assert "vip does not take it: check-in follows this deal already\n  - deal.name is Roof (it is =SUM(A1))" in told


def test_a_listed_playbook_that_never_was_good_is_named(shop):
    (shop.folder / "playbooks/vip.yaml").write_text("playbook: vip\ntitel: nothing\n")
    settings = shop.folder / "playbook.toml"
    settings.write_text(settings.read_text().replace('["check-in"', '["vip", "check-in"'))
    assert "vip has no version that can be used: playbook validate" in shop.run("why", "D-1").out
