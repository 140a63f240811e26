import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from engine.authoring.workspace import CHECKED, load_workspace, revision_content
from engine.core.building.revision import revision_from, revision_hash
from engine.data_dir import data_dir, starter_settings
from tests.validating import validate

ROOT = Path(__file__).parents[2]
SMALL = """\
playbook: small
title: A small playbook
params: {wait_for: 4w}
enrol: {if: {status: {is: lost}, lost_reason: {is: price}}}
ends: {over: {}}
initial: wait
states:
  wait:
    actions:
      card: {kind: card, title: Send a card, template: thanks, optional: true}
    transitions:
      - {after: wait_for, end: over}
"""


@pytest.fixture
def folder(tmp_path):
    """The small workspace of the rules' cases with one good playbook."""
    shutil.copytree(ROOT / "tests" / "cases" / "invalid" / "workspace", tmp_path / "small")
    (tmp_path / "small" / "playbooks" / "small.yaml").write_text(SMALL)
    library = tmp_path / "small" / "playbooks" / "library"
    (library / "templates" / "misspelt.txt").unlink()
    return tmp_path / "small"


def remembered(workspace, known=None):
    """What a store would know after this load: JSON, and the last good content of what is broken."""
    found = dict(known or {})
    for row in workspace.sources:
        content = json.loads(json.dumps(row.content))
        if not row.good:
            content = found[row.path].content if row.path in found else None
        found[row.path] = type(row)(path=row.path, hash=row.hash, content=content, good=row.good)
    return found


def rules(problems):
    return sorted({problem.rule for problem in problems})


def edit(folder, path, old, new):
    file = folder / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# --- the shipped workspace ------------------------------------------------------------------------------------------


def test_the_shipped_workspace_has_no_problem():
    assert validate(ROOT) == []


def test_a_pinned_revision_gives_an_equal_playbook():
    workspace = load_workspace(ROOT, {})
    assert workspace.playbooks
    for name, playbook in workspace.playbooks.items():
        content = revision_content(workspace, name)
        stored = json.loads(json.dumps(content))
        assert revision_hash(stored) == revision_hash(content)
        revision = revision_from(stored, revision_hash(stored))
        assert revision.playbook == playbook
        assert revision.templates and set(revision.templates) <= set(workspace.templates)


def test_a_revision_pins_only_the_fields_that_the_playbook_names(folder):
    content = revision_content(load_workspace(folder, {}), "small")
    assert set(content["fields"]) == {"deal.status", "deal.lost_reason"}
    assert set(content["templates"]) == {"thanks"}
    hashed = revision_hash(content)
    edit(folder, "playbooks/library/fields.yaml", "readiness: {type: number}", "readiness: {type: text}")
    assert revision_hash(revision_content(load_workspace(folder, {}), "small")) == hashed
    edit(folder, "playbooks/library/fields.yaml", "[price, timing]", "[price, timing, other]")
    assert revision_hash(revision_content(load_workspace(folder, {}), "small")) != hashed


# --- what is known ---------------------------------------------------------------------------------------------------


def test_a_second_load_finds_the_same_and_has_nothing_to_remember(folder):
    first = load_workspace(folder, {})
    second = load_workspace(folder, remembered(first))
    assert first.sources and not second.sources
    assert second.playbooks == first.playbooks
    assert second.world == first.world
    assert second.names_used == first.names_used
    assert list(second.problems) == list(first.problems)


def test_when_nothing_has_changed_no_parser_is_even_imported(tmp_path):
    known = {
        row.path: {"hash": row.hash, "content": row.content, "good": row.good}
        for row in load_workspace(ROOT, {}).sources
    }
    (tmp_path / "known.json").write_text(json.dumps(known))
    script = (
        "import json, sys; from pathlib import Path; from types import SimpleNamespace\n"
        "from engine.authoring.workspace import load_workspace\n"
        "known = {path: SimpleNamespace(**row) for path, row in json.loads(Path(sys.argv[1]).read_text()).items()}\n"
        "assert len(load_workspace(Path('.'), known).playbooks) >= 3\n"
        "heavy = {'yaml', 'jsonschema', 'jinja2', 'holidays', 'croniter', 'tomllib', 'csv', 'engine.authoring.rules'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "known.json")]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


def test_warnings_are_told_again_although_nothing_is_checked_again(folder):
    edit(folder, "playbooks/small.yaml", "ends: {over: {}}", "ends: {over: {}, never: {}}")
    first = load_workspace(folder, {})
    second = load_workspace(folder, remembered(first))
    assert rules(second.problems) == ["unused-end"]
    assert list(second.problems) == list(first.problems)
    assert "small" in second.playbooks


def test_a_change_elsewhere_is_found_at_the_line_of_the_known_file(folder):
    known = remembered(load_workspace(folder, {}))
    edit(folder, "playbooks/library/fields.yaml", "lost_reason", "reason_of_loss")
    workspace = load_workspace(folder, known)
    assert [(str(problem.location), problem.rule) for problem in workspace.problems] == [
        ("playbooks/small.yaml:4:34", "unknown-field")
    ]
    assert not workspace.playbooks
    known = remembered(workspace, known)
    edit(folder, "playbooks/library/fields.yaml", "reason_of_loss", "lost_reason")
    workspace = load_workspace(folder, known)
    assert not workspace.problems and "small" in workspace.playbooks


# --- broken and deleted files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken", ["playbook: [", "playbook: small\ntitle: No states\n", SMALL.replace("end: over", "end: ovr")]
)
def test_a_broken_playbook_goes_on_in_its_last_good_version(folder, broken):
    first = load_workspace(folder, {})
    known = remembered(first)
    (folder / "playbooks" / "small.yaml").write_text(broken)
    for _ in range(3):
        workspace = load_workspace(folder, known)
        known = remembered(workspace, known)
        assert any(problem.level == "error" for problem in workspace.problems)
        assert workspace.playbooks == first.playbooks
    assert not workspace.sources
    (folder / "playbooks" / "small.yaml").write_text(SMALL)
    assert not load_workspace(folder, known).problems


def test_a_broken_playbook_that_never_was_good_takes_no_deals_and_the_others_go_on(folder):
    (folder / "playbooks" / "other.yaml").write_text("playbook: other\n")
    workspace = load_workspace(folder, {})
    assert set(workspace.playbooks) == {"small"}
    assert {problem.location.file for problem in workspace.problems} == {"playbooks/other.yaml"}


def test_a_deleted_playbook_takes_no_new_deals(folder):
    known = remembered(load_workspace(folder, {}))
    (folder / "playbooks" / "small.yaml").unlink()
    workspace = load_workspace(folder, known)
    assert not workspace.playbooks and not workspace.problems


@pytest.mark.parametrize("text", ["deal: [", "deal: 7\n", None])
def test_a_broken_or_deleted_library_file_goes_on_in_its_last_good_version(folder, text):
    first = load_workspace(folder, {})
    file = folder / "playbooks" / "library" / "fields.yaml"
    file.write_text(text) if text else file.unlink()
    workspace = load_workspace(folder, remembered(first))
    assert workspace.world == first.world
    assert workspace.playbooks == first.playbooks
    assert {problem.location.file for problem in workspace.problems} == {"playbooks/library/fields.yaml"}


def test_a_deleted_template_goes_on_and_is_missed_where_it_is_named(folder):
    first = load_workspace(folder, {})
    (folder / "playbooks" / "library" / "templates" / "thanks.txt").unlink()
    workspace = load_workspace(folder, remembered(first))
    assert rules(workspace.problems) == ["unknown-template"]
    assert workspace.templates == first.templates
    assert workspace.playbooks == first.playbooks


def test_a_template_with_a_loop_is_refused_at_its_line(folder):
    (folder / "playbooks" / "library" / "templates" / "thanks.txt").write_text("Hello\n{% for x in y %}{% endfor %}\n")
    problems = validate(folder)
    assert str(problems[0].location) == "playbooks/library/templates/thanks.txt:2:1"
    assert problems[0].rule == "bad-template"


def test_a_folder_without_settings_says_so_and_nothing_is_raised(tmp_path):
    workspace = load_workspace(tmp_path, {})
    assert rules(workspace.problems) == ["no-workspace"]
    assert not workspace.playbooks


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\x00", b"- - [", b"\xc3\x28", b"a: 1\na: 2\n", b""])
def test_no_bytes_in_any_file_raise_anything(folder, raw):
    files = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    originals = {file: (folder / file).read_bytes() for file in files}
    for file, original in originals.items():
        (folder / file).write_bytes(raw)
        load_workspace(folder, {})
        (folder / file).write_bytes(original)


def test_a_playbook_with_the_wrong_ending_is_not_silently_ignored(folder):
    (folder / "playbooks" / "other.yml").write_text(SMALL)
    assert rules(validate(folder)) == ["wrong-file-name"]


# --- settings --------------------------------------------------------------------------------------------------------

SETTINGS = """\
[workspace]
database = "env:DATABASE"
zone = "Europe/Berlin"
calendar = "office"
playbooks = ["small"]
late_grace = "3d"
# a sandbox is made by init

[[limits]]
gap = "2d"

[params.small]
wait_for = "6w"

[consent]
email = "must_be_granted"
call = "unknown_is_enough"

[import]
mapping = "hubspot"
"""


def test_settings_are_read(folder):
    (folder / "playbook.toml").write_text(SETTINGS)
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    settings = workspace.settings
    assert (settings.database, settings.zone) == ("env:DATABASE", "Europe/Berlin")
    assert settings.late_grace == workspace.world.late_grace == 3 * 86_400
    assert settings.mapping == "hubspot"
    assert workspace.world.consent == {"email": False, "call": True}
    assert str(workspace.world.limits[0].gap.content) == "2d"
    assert workspace.world.playbooks == ("small",)


def test_a_parameter_of_the_workspace_wins_over_that_of_the_playbook(folder):
    (folder / "playbook.toml").write_text(SETTINGS)
    workspace = load_workspace(folder, {})
    assert workspace.contents["small"]["params"] == {"wait_for": "6w"}
    way = workspace.playbooks["small"].tracks["main"].states["wait"].transitions[0]
    assert str(way.cause.delay.content) == "6w"


@pytest.mark.parametrize(
    ("old", "new", "place", "rule"),
    [
        ('zone = "Europe/Berlin"', 'zone = "Europe/Berln"', "3:8", "unknown-zone"),
        ('calendar = "office"', 'calendar = "ofice"', "4:12", "unknown-calendar"),
        ('["small"]', '["smal", "small"]', "5:13", "unknown-playbook"),
        ('["small"]', "[]", "5:1", "playbook-not-listed"),
        ('"3d"', '"3bd"', "6:14", "bad-duration"),
        ('"3d"', "7", "6:14", "wrong-type"),
        ('"3d"', "yes", "6:14", "toml-syntax"),
        ("# a sandbox is made by init", "sandbox = true", "7:1", "unknown-key"),
        ('gap = "2d"', 'gap = "2d"\nhours = "evenings"', "11:9", "unknown-window"),
        ("params.small", "params.smal", "12:9", "unknown-playbook"),
        ("wait_for", "wait_four", "13:1", "unknown-parameter"),
    ],
)
def test_what_is_wrong_in_the_settings_is_found_at_its_line(folder, old, new, place, rule):
    (folder / "playbook.toml").write_text(SETTINGS)
    edit(folder, "playbook.toml", old, new)
    found = [(str(problem.location), problem.rule) for problem in validate(folder)]
    assert (f"playbook.toml:{place}", rule) in found


# --- library ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("fields", "readiness: {type: number}", "amount: {type: text}", "built-in-field"),
        ("fields", "{type: number}", "{type: number, required: {if: {statsu: {is: lost}}}}", "unknown-field"),
        ("events", "not_now", "won", "reserved-event"),
        ("calendars", "month_start: {cron: \"0 9 1 * *\"", "month_start: {cron: \"0 9 30 2 *\"", "bad-schedule"),
        ("calendars", "mon-fri: \"09:00-11:30\"", "mon-fri: \"11:00-09:30\"", "bad-hours"),
        ("calendars", "\"09:00-11:30\"}", "\"09:00-11:30\"}, holidays: ofice", "unknown-calendar"),
        ("calendars", "\"09:00-17:00\"}", "\"09:00-17:00\"}, holidays: [2026-02-30]", "bad-date"),
        ("calendars", "\"09:00-17:00\"}", "\"09:00-17:00\"}, holidays: [{country: XX}]", "unknown-holidays"),
        ("roster", "Ana Castellanos", "Ana, manager: bob", "unknown-person"),
        ("roster", "Ana Castellanos", "Ana, zone: Europe/Berln", "unknown-zone"),
        ("roster", "Ana Castellanos", "Ana, leave: [{from: 2026-07-02, to: 2026-07-01}]", "bad-date"),
        ("roster", "{fallback: ana}", "{by: brnch, people: {x: ana}}", "unknown-field"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_library_is_found_in_its_file(folder, file, old, new, rule):
    edit(folder, f"playbooks/library/{file}.yaml", old, new)
    found = [(problem.location.file, problem.rule) for problem in validate(folder)]
    assert (f"playbooks/library/{file}.yaml", rule) in found


def test_the_holidays_of_a_country_close_the_calendar_and_are_remembered_as_dates(folder):
    country = '"09:00-17:00"}, holidays: [{country: GB, subdivision: ENG}, 2026-07-10]'
    edit(folder, "playbooks/library/calendars.yaml", '"09:00-17:00"}', country)
    workspace = load_workspace(folder, {})
    holidays = workspace.world.calendars["office"].holidays
    assert date(2026, 4, 3) in holidays  # Good Friday
    assert date(2026, 7, 10) in holidays
    assert date(2026, 1, 2) not in holidays  # closed in Scotland only
    rows = remembered(workspace)
    assert "2026-04-03" in rows["playbooks/library/calendars.yaml"].content["calendars"]["office"]["holidays"]
    assert load_workspace(folder, rows).world == workspace.world


def test_people_can_come_from_a_csv_beside_the_roster(folder):
    library = folder / "playbooks" / "library"
    (library / "teams.csv").write_text("agent,boss,office\nAnna Snelling,Dustin,Central\nCecily,Dustin,Central\n")
    csv = "people_from: {file: teams.csv, person: agent, manager: boss, team: office}\n"
    (library / "roster.yaml").write_text(csv + "people: {Dustin: {}}\nroles: {branch_head: {fallback: Dustin}}\n")
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    roster = workspace.world.roster
    assert set(roster.people) == {"Anna Snelling", "Cecily", "Dustin"}
    assert roster.people["Cecily"].manager == "Dustin"
    assert set(roster.teams) == {"Central"}
    assert load_workspace(folder, remembered(workspace)).world == workspace.world


@pytest.mark.parametrize(
    ("given", "rule"),
    [("file: missing.csv, person: agent", "unreadable"), ("file: ../teams.csv, person: agent", "unreadable"),
     ("file: teams.csv, person: agnt", "unknown-column")],
)  # fmt: skip
def test_a_csv_that_does_not_fit_is_said_in_the_roster(folder, given, rule):
    library = folder / "playbooks" / "library"
    (library / "teams.csv").write_text("agent\nAnna\n")
    (library / "roster.yaml").write_text(f"people_from: {{{given}}}\n")
    found = [(problem.location.file, problem.rule) for problem in validate(folder)]
    assert ("playbooks/library/roster.yaml", rule) in found


# --- names used ------------------------------------------------------------------------------------------------------


def test_the_names_that_a_playbook_uses_include_those_of_its_templates(folder):
    (folder / "playbooks" / "library" / "templates" / "thanks.txt").write_text('{{ contact.name | default("you") }}\n')
    workspace = load_workspace(folder, {})
    assert set(workspace.names_used["small"]) == {"deal.status", "deal.lost_reason", "contact.name"}


def test_the_row_of_the_checks_is_no_file(folder):
    assert [row.path for row in load_workspace(folder, {}).sources][-1] == CHECKED
    assert not (folder / CHECKED).exists()


def test_the_program_finds_what_it_ships():
    assert (data_dir("schemas") / "playbook.schema.json").is_file()
    assert (data_dir("playbooks") / "library" / "fields.yaml").is_file()
    assert starter_settings().is_file()
    with pytest.raises(FileNotFoundError, match="install the program again"):
        data_dir("no-such-folder")


def test_a_template_that_spoils_its_playbook_is_replaced_by_its_last_good_text(folder):
    good = load_workspace(folder, {})
    known = remembered(good)
    (folder / "playbooks/library/templates/thanks.txt").write_text("Thank you, {{ nobody.knows }}.\n")
    spoilt = load_workspace(folder, known)
    assert "unknown-name-in-template" in rules(spoilt.problems)
    assert revision_content(spoilt, "small") == revision_content(good, "small")
    known = remembered(spoilt, known)
    later = load_workspace(folder, known)
    assert list(later.problems) == list(spoilt.problems)
    assert revision_content(later, "small") == revision_content(good, "small")
    (folder / "playbooks/library/templates/thanks.txt").write_text("Thanks again.\n")
    mended = load_workspace(folder, known)
    assert mended.problems == good.problems
    assert revision_content(mended, "small")["templates"] == {"thanks": "Thanks again.\n"}


def test_a_load_after_an_unchanged_settings_file_still_knows_its_lines(folder):
    settings = folder / "playbook.toml"
    settings.write_text(settings.read_text() + '\n[params.small]\nwait_for = "6w"\n')
    line = len(settings.read_text().splitlines())
    good = load_workspace(folder, {})
    assert not good.problems
    edit(folder, "playbooks/small.yaml", "wait_for", "wait_long")
    later = load_workspace(folder, remembered(good))
    assert [(str(one.location), one.rule) for one in later.problems] == [
        (f"playbook.toml:{line}:1", "unknown-parameter")
    ]
    assert later.problems == load_workspace(folder, {}).problems


def test_a_parameter_that_gives_minutes_must_be_a_number_wherever_it_is_given(folder):
    edit(folder, "playbooks/small.yaml", "{wait_for: 4w}", "{wait_for: 4w, takes: 10}")
    edit(folder, "playbooks/small.yaml", "optional: true", "optional: true, minutes: {field: takes}")
    assert validate(folder) == []
    edit(folder, "playbooks/small.yaml", "ends:", "teams: {west: {params: {takes: long}}}\nends:")
    [of_team] = validate(folder)
    assert (str(of_team.location), of_team.rule) == ("playbooks/small.yaml:5:32", "no-number")
    edit(folder, "playbooks/small.yaml", "takes: long", "takes: 20")
    settings = folder / "playbook.toml"
    settings.write_text(settings.read_text() + '\n[params.small]\ntakes = "many"\n')
    [given] = validate(folder)
    assert (str(given.location), given.rule) == (
        f"playbook.toml:{len(settings.read_text().splitlines())}:1",
        "no-number",
    )
    assert "'many' is no number" in given.message


def test_an_unknown_name_in_a_template_is_told_once_for_all_playbooks_that_name_it(folder):
    (folder / "playbooks/other.yaml").write_text(SMALL.replace("playbook: small", "playbook: other"))
    (folder / "playbooks/library/templates/thanks.txt").write_text("Hello\n\nThank you, {{ nobody.knows }}.\n")
    [found] = validate(folder)
    assert str(found.location) == "playbooks/library/templates/thanks.txt:3:1"
    assert found.message == (
        "there is no field 'nobody.knows' (playbook other, action card; playbook small, action card)"
    )
