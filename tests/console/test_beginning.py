import re
from pathlib import Path

import pytest

import cli
from engine.console import beginning


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["demo"]) == 0
    return capsys.readouterr().out


def test_the_demo_shows_an_import_two_days_a_call_its_reason_and_what_came_of_it(told):
    for said in ("34 lost", "30 enrolled", "… and ", "call  ", "Ask for permission to stay in touch", "Record it:",
                 "If nothing happens", "ask.granted for D-1006 recorded", "entered learn_and_thank"):  # fmt: skip
        assert said in told, said
    assert "mistake of ours" not in told and "refused:" not in told


def test_every_command_of_the_demo_can_be_typed_again(told, capsys):
    shown = [line for line in told.splitlines() if line.startswith("$ playbook ")]
    assert len(shown) >= 9
    assert cli.run(["--workspace", "demo", "why", "D-1006"]) == 0
    assert "learn_and_thank" in capsys.readouterr().out


@pytest.mark.parametrize("today", ["2026-11-21", "2026-11-28", "2026-12-26", "2027-01-02", "2026-07-06", "2026-11-24"])
def test_the_demo_is_the_same_on_a_weekend_and_after_a_holiday(today, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(beginning, "local_date", lambda *_: beginning.date.fromisoformat(today))
    assert cli.run(["demo", str(tmp_path / "my demo")]) == 0
    told = capsys.readouterr().out
    assert "30 enrolled" in told and "entered learn_and_thank" in told


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.run(["demo", str(tmp_path)]) == 2
    assert (tmp_path / "mine.txt").exists() and "not empty" in capsys.readouterr().err


def test_no_workspace_is_made_among_the_playbooks_of_another(tmp_path, capsys):
    assert cli.run(["init", str(tmp_path / "mine")]) == 0
    assert cli.run(["init", str(tmp_path / "mine" / "playbooks" / "west")]) == 2
    assert "inside the workspace" in capsys.readouterr().err
    assert not (tmp_path / "mine" / "playbooks" / "west").exists()


def test_a_long_list_is_cut_before_its_last_line():
    said = [str(number) for number in range(10)]
    assert beginning._shortened(said, 3, "") == ["0", "1", "2", "… and 6 more", "9"]
    assert beginning._shortened(said, 8, "") == said
    assert beginning._shortened(said, 0, "7") == ["…", "7", "8", "9"]


def test_the_mapping_in_the_readme_reads_a_report(tmp_path, capsys):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(re.search(r"```yml\n(.*?)```", readme, re.DOTALL)[1], encoding="utf-8")
    (tmp_path / "report.csv").write_text(
        "Opportunity ID,Opportunity Name,Account ID,Account Name,Opportunity Owner,Stage,Amount,Amount Currency,"
        "Created Date,Close Date\n"
        '0065g00000A1,Crane lease,0015g01,Brickfield,Kim Larsen,Closed Lost,"12,500.00",USD,9/1/2026,11/15/2026\n',
        encoding="utf-8",
    )
    assert cli.run(["init", str(tmp_path / "here")]) == 0
    arguments = [str(tmp_path / "report.csv"), "--mapping", str(tmp_path / "mapping.yaml")]
    assert cli.run(["--workspace", str(tmp_path / "here"), "import", *arguments]) == 0
    assert cli.run(["--workspace", str(tmp_path / "here"), "deals", "--owner", "kim"]) == 0
    assert "12,500 USD" in capsys.readouterr().out
