import json
import shutil

import pytest

import cli
from tests.console import shop as shops

VARIANT = """\
playbook: check-in-later
extends: check-in
title: Check in later
patch:
  states:
    ask_first: {actions: {ask: {minutes: 5, do: [thank them, listen]}}}
    wait: {transitions: [{event: reply, to: ask_first, if: {event.channel: {is: phone}}}, {after: 10w, end: kept}]}
"""
TOLD = """\
state ask_first
  action ask
    minutes: 10 → 5
    do:
      + listen
state wait
  transition → end kept
    when: after 4w → after 10w
in words only
  title: Check in → Check in later
"""


@pytest.fixture
def variant(shop):
    (shop.folder / "playbooks" / "check-in-later.yaml").write_text(VARIANT)
    return shop


def run(shop, *arguments, code=0):
    found = cli.run(["--workspace", str(shop.folder), "diff", *map(str, arguments)])
    told = shop.capsys.readouterr()
    assert found == code, told.err
    return told


def test_two_playbooks_are_compared_by_what_they_mean(variant):
    assert run(variant, "check-in", "check-in-later", code=1).out == TOLD


def test_it_says_the_same_each_time_and_the_other_way_round_the_opposite(variant):
    first = run(variant, "check-in", "check-in-later", code=1).out
    assert run(variant, "check-in", "check-in-later", code=1).out == first
    assert "minutes: 5 → 10" in run(variant, "check-in-later", "check-in", code=1).out


def test_playbooks_that_mean_the_same_are_no_problem(variant):
    told = run(variant, "check-in", "check-in")
    assert told.out == "" and "mean the same" in told.err


def test_json_has_every_difference(variant):
    found = json.loads(run(variant, "check-in", "check-in-later", "--format", "json", code=1).out)
    assert (found["old"], found["new"], found["same"]) == ("check-in", "check-in-later", False)
    assert {"where": ["state ask_first", "action ask"], "what": "minutes", "kind": "changed", "old": "10", "new": "5",
            "lines": []} in found["differences"]  # fmt: skip
    assert json.loads(run(variant, "check-in", "check-in", "--format", "json").out)["same"] is True


def test_a_file_is_compared_wherever_it_lies(variant, tmp_path):
    old = tmp_path / "old.yaml"
    shutil.copy(variant.folder / "playbooks" / "check-in.yaml", old)
    run(variant, old, "check-in")
    assert run(variant, old, "check-in-later", code=1).out == TOLD
    shutil.copy(variant.folder / "playbooks" / "check-in-later.yaml", old)
    run(variant, old, "check-in-later")


def test_the_parameters_of_the_workspace_hold_for_a_file_too(variant, tmp_path):
    text = shops.FILES["playbooks/check-in.yaml"].replace("\ntitle: Check in\n", "\ntitle: Check in\nparams: {p: 1}\n")
    (tmp_path / "old.yaml").write_text(text)
    shutil.copy(tmp_path / "old.yaml", variant.folder / "playbooks" / "check-in.yaml")
    with (variant.folder / "playbook.toml").open("a") as file:
        file.write("\n[params.check-in]\np = 2\n")
    run(variant, tmp_path / "old.yaml", "check-in")


def test_a_revision_that_deals_are_in_is_compared_by_its_beginning(shop):
    from contextlib import closing

    from engine.store.sqlite import open_store

    with closing(open_store(shop.folder / "playbook.db")) as store:
        (hashed,) = store.revisions_in_use()
    run(shop, f"check-in@{hashed[:5]}", "check-in")
    file = shop.folder / "playbooks" / "check-in.yaml"
    file.write_text(file.read_text().replace("minutes: 10", "minutes: 5"))
    assert "minutes: 10 → 5" in run(shop, f"check-in@{hashed}", "check-in", code=1).out
    assert f"deals are in {hashed}" in run(shop, "check-in@zzz", "check-in", code=2).err
    assert "no deal is in this playbook" in run(shop, f"beside@{hashed}", "check-in", code=2).err


def test_beside_a_revision_that_deals_are_in_other_teams_are_no_difference(shop):
    with (shop.folder / "playbooks" / "library" / "roster.yaml").open("a") as file:
        file.write("teams: {west: {}}\n")
    text = shops.FILES["playbooks/check-in.yaml"].replace("after: 4w", "after: later").replace(
        "title: Check in\n", "title: Check in\nparams: {later: 4w}\nteams: {west: {params: {later: 6w}}}\n"
    )  # fmt: skip
    (shop.folder / "playbooks" / "check-in.yaml").write_text(text)
    with shop.store() as store, store.transaction():
        from engine.authoring.workspace import load_workspace, revision_content
        from engine.core.building.revision import revision_hash
        from engine.store.base import Revision

        content = revision_content(load_workspace(shop.folder, {}), "check-in")
        hashed = revision_hash(content)
        store.put_revision(Revision(hash=hashed, playbook="check-in", content=content, created_at=0, facing=True))
    run(shop, f"check-in@{hashed}", "check-in")
    assert "later: 4w → 6w" in run(shop, f"check-in@{hashed}", "check-in", "--team", "west", code=1).out


def test_a_team_is_compared_as_it_is_for_this_team(shop):
    text = shops.FILES["playbooks/check-in.yaml"].replace("after: 4w", "after: later").replace(
        "title: Check in\n", "title: Check in\nparams: {later: 4w}\nteams: {west: {params: {later: 6w}}}\n"
    )  # fmt: skip
    with (shop.folder / "playbooks" / "library" / "roster.yaml").open("a") as file:
        file.write("teams: {west: {}}\n")
    (shop.folder / "playbooks" / "check-in.yaml").write_text(text)
    (shop.folder / "playbooks" / "check-in-later.yaml").write_text(
        "playbook: check-in-later\nextends: check-in\ntitle: Check in\nparams: {later: 10w}\n"
    )
    assert "later: 4w → 10w" in run(shop, "check-in", "check-in-later", code=1).out
    run(shop, "check-in", "check-in-later", "--team", "west")
    assert "there is no team 'wst'" in run(shop, "check-in", "check-in-later", "--team", "wst", code=2).err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("chek-in", "there is no playbook 'chek-in'"),
        ("old/check-in.yaml", "there is no file old/check-in.yaml"),
        ("broken", "the playbook 'broken' has errors"),
        ("", "there is no playbook ''"),
    ],
)
def test_what_cannot_be_compared_is_said(shop, name, told):
    (shop.folder / "playbooks" / "broken.yaml").write_text("playbook: broken\ntitle: No states\n")
    assert told in run(shop, "check-in", name, code=2).err


@pytest.mark.parametrize("raw", [b"", b"- 1", b"playbook: [", b"\xff", b"playbook: x\nextends: nothing\n",
                                 b"playbook: x\nextends: check-in\npatch: {stats: {}}\n"])  # fmt: skip
def test_a_file_that_is_no_playbook_is_refused_with_its_lines(shop, tmp_path, raw):
    (tmp_path / "old.yaml").write_bytes(raw)
    told = run(shop, tmp_path / "old.yaml", "check-in", code=2)
    assert "old.yaml:" in told.err and "no playbook that can be compared" in told.err


def test_an_old_file_may_name_what_is_no_more(shop, tmp_path):
    text = shops.FILES["playbooks/check-in.yaml"].replace("status: {is: lost}", "gone: {is: lost}")
    (tmp_path / "old.yaml").write_text(text.replace("after: 4w", "after: gone_too"))
    assert "after gone_too" in run(shop, tmp_path / "old.yaml", "check-in", code=1).out


def test_a_folder_without_a_workspace_is_refused(shop, tmp_path):
    assert cli.run(["--workspace", str(tmp_path), "diff", "a", "b"]) == 2
    assert "is no workspace" in shop.capsys.readouterr().err


def test_what_stands_in_a_file_cannot_steer_the_terminal(variant):
    file = variant.folder / "playbooks" / "check-in-later.yaml"
    file.write_text(VARIANT.replace("Check in later", '"Check \\e[31m in"'))
    assert "\x1b" not in run(variant, "check-in", "check-in-later", code=1).out


def test_what_a_lookup_gives_other_teams_is_no_difference_for_this_team(shop):
    plain = shops.FILES["playbooks/check-in.yaml"].replace("after: 4w", "after: later")
    assert "after: later" in plain
    for name, later in (("check-in", "{by: team, values: {west: 5w, east: 6w}, otherwise: 4w}"),
                        ("other", "{by: team, values: {west: 5w, east: 7w}, otherwise: 3w}")):  # fmt: skip
        text = plain.replace("\ntitle: Check in\n", f"\ntitle: Check in\nparams: {{later: {later}}}\n")
        file = shop.folder / "playbooks" / f"{name}.yaml"
        file.write_text(text.replace("playbook: check-in\n", f"playbook: {name}\n"))
    with (shop.folder / "playbooks" / "library" / "roster.yaml").open("a") as file:
        file.write("teams: {west: {}, east: {}}\n")
    run(shop, "check-in", "other", "--team", "west")
    assert "later: 6w → 7w" in run(shop, "check-in", "other", "--team", "east", code=1).out
