import csv
import json
import shutil
import textwrap
from pathlib import Path

import pytest

from tests.crm.maven_like import KEY, TYPO, write_export
from tests.runner.shop import START, Shop, deal

MAPPING = Path(__file__).parents[2] / "examples" / "maven-mapping.yaml"


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path / "shop")


def _import(shop: Shop, rows: list[dict[str, str]], *options: str) -> tuple[int, str]:
    return shop.run("import", str(shop.write(rows)), "--now", START, *options)


# --- an export of the well-known shape ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    """A shop, the folder of an export of 8,800 deals, and what is true of it."""
    folder = tmp_path_factory.mktemp("sales")
    expected = write_export(folder)
    return Shop(tmp_path_factory.mktemp("shop") / "shop"), folder, expected


def _own_mapping(folder: Path, alias: bool) -> Path:
    text = MAPPING.read_text(encoding="utf-8")
    path = folder / ("with.yaml" if alias else "without.yaml")
    path.write_text(text.replace("{GTXPro: GTX Pro}", f"{{{TYPO}: {KEY}}}" if alias else "{}"), encoding="utf-8")
    return path


def test_a_whole_export_goes_in_once_and_the_second_time_nothing_changes(sales) -> None:
    shop, folder, expected = sales
    arguments = ["import", str(folder / "sales_pipeline.csv"), "--mapping", str(_own_mapping(folder, alias=True))]
    code, first = shop.run(*arguments, "--now", START)
    assert code == 0
    assert "8,800 rows = 8,800 accepted (8,800 new, 0 changed) + 0 unchanged + 0 rejected" in first
    assert f"{expected.lost:,} lost, {expected.won:,} won, {expected.open:,} open" in first
    assert "lost by team: North 975, Coast 811, Hills 687" in first
    assert "playbook tick --dry-run shows what the first tick would start" in first
    before = shop.contents()
    code, second = shop.run(*arguments, "--now", START)
    assert code == 0
    assert "8,800 rows = 0 accepted + 8,800 unchanged + 0 rejected" in second
    assert shop.contents() == before


def test_a_key_without_its_alias_is_counted_and_listed_with_what_was_meant(sales) -> None:
    shop, folder, _ = sales
    arguments = ["import", str(folder / "sales_pipeline.csv"), "--mapping", str(_own_mapping(folder, alias=False))]
    code, out = shop.run(*arguments, "--now", START, "--dry-run")
    assert code == 0
    assert f"not in products.csv: {TYPO} (1,480 rows, 418 of them lost); did you mean {KEY}?" in out


def test_side_files_are_found_beside_the_mapping_too(shop, tmp_path) -> None:
    write_export(tmp_path, deals=88)
    mapping = _own_mapping(tmp_path, alias=True)
    export = shop.folder / "sales_pipeline.csv"
    shutil.copy(tmp_path / "sales_pipeline.csv", export)
    code, out = shop.run("import", str(export), "--mapping", str(mapping), "--now", START)
    assert code == 0
    assert "88 rows = 88 accepted" in out


# --- what is kept -------------------------------------------------------------------------------------------------


def test_a_dry_run_says_everything_and_changes_nothing(shop) -> None:
    before = shop.contents()
    code, out = _import(shop, [deal("D1"), deal("D2")], "--dry-run")
    assert code == 0
    assert "2 rows = 2 accepted (2 new, 0 changed)" in out
    assert "dry run, nothing was changed" in out
    assert shop.contents() == before


def test_rejected_rows_go_into_a_file_and_the_good_ones_are_taken(shop) -> None:
    code, out = _import(shop, [deal("D1"), deal("D2", Lost="31/31/2026"), deal("=D3", Stage="Lst")])
    assert code == 1
    assert "3 rows = 1 accepted (1 new, 0 changed) + 0 unchanged + 2 rejected" in out
    assert "rejected: line 3, Lost: “31/31/2026”" in out
    with (shop.folder / "deals.rejects.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["line"], row["column"], row["value"], row["id"]) for row in rows] == [
        ("3", "Lost", "31/31/2026", "D2"),
        ("4", "Stage", "Lst", "'=D3"),
    ]
    assert all(row["reason"] for row in rows)


def test_strict_takes_all_rows_or_none(shop) -> None:
    before = shop.contents()
    code, out = _import(shop, [deal("D1"), deal("D2", Lost="never")], "--strict")
    assert code == 1
    assert "nothing was changed: --strict takes all rows or none" in out
    assert shop.contents() == before


def test_a_file_without_a_lost_deal_says_so(shop) -> None:
    code, out = _import(shop, [deal("D1", Stage="Won", Lost="")])
    assert code == 1
    assert "no lost deal is in this file: check the words under status > lost" in out


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ([], [], "the file has no rows below its header"),
        ([deal("D1", Lost="never"), deal("D2", Lost="soon")], [], "all 2 lost rows were rejected: see "),
        ([deal("D1", Lost="never")], ["--dry-run"], "the only lost row was rejected: see the reasons above"),
        ([deal("", Stage="Lst")], [], "no row of the file could be taken: see "),
    ],
)
def test_why_no_lost_deal_was_taken_is_said_as_it_is(shop, rows, options, said) -> None:
    code, out = _import(shop, rows, *options)
    assert code == 1
    assert said in out
    assert "check the words" not in out


def test_a_dry_run_says_where_rejected_rows_would_go_and_writes_no_file(shop) -> None:
    code, out = _import(shop, [deal("D1"), deal("D2", Lost="never")], "--dry-run")
    assert code == 1
    assert f"all 1 rejected rows would be written to {shop.folder / 'deals.rejects.csv'}" in out
    assert not (shop.folder / "deals.rejects.csv").exists()


def test_owners_matched_by_name_are_counted(tmp_path) -> None:
    shop = Shop(tmp_path / "shop", "people:\n  kim: {name: Kim Larsen}\n")
    _, out = _import(shop, [deal("D1", Owner="Kim Larsen"), deal("D2", Owner="KIM")])
    assert "1 owner matched by name or mail address in roster.yaml: Kim Larsen is kim" in out


def test_dates_that_their_column_settled_are_told(shop) -> None:
    mapping = shop.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text().replace("  date_format: ISO\n", ""))
    code, out = _import(shop, [deal("D1", Lost="2/1/2026"), deal("D2", Lost="2/15/2026")])
    assert code == 0
    assert "dates in “Lost” are read as MM/DD/YYYY" in out
    assert shop.account("Acme", "D1").deals["D1"].fields["lost_at"] == "2026-02-01"


def test_a_missing_loss_date_is_a_finding_and_never_today(shop) -> None:
    code, out = _import(shop, [deal("D1", Lost="")])
    assert code == 0
    assert "1 lost deals without a date of the loss" in out
    assert "lost_at" not in shop.account("Acme", "D1").deals["D1"].fields


def test_what_stands_in_a_cell_cannot_move_the_cursor(shop) -> None:
    _, out = _import(shop, [deal("D1", Lost="\x1b[2Jnever\u202e")])
    assert "\x1b" not in out
    assert "\u202e" not in out


# --- asked wrongly ------------------------------------------------------------------------------------------------


def test_without_a_mapping_the_preset_that_fits_the_header_is_named(shop) -> None:
    (shop.folder / "playbook.toml").write_text('[workspace]\nzone = "UTC"\n')
    path = shop.folder / "report.csv"
    path.write_text(
        "Opportunity ID,Opportunity Name,Account Name,Stage,Close Date,Region\n1,A,B,Closed Lost,2026-01-01,N\n"
    )
    code, _ = shop.run("import", str(path), "--now", START)
    assert code == 2
    assert "its header fits salesforce-report (5 of 6 columns)" in shop.said
    assert "--preset salesforce-report" in shop.said
    path.write_text("a,b\n1,2\n")
    shop.run("import", str(path), "--now", START)
    assert "no preset fits its header: a, b" in shop.said
    assert "mapping: my-export" in shop.said, "no file is named that is not in the workspace"
    assert "--mapping mapping.yaml --dry-run" in shop.said


def test_a_preset_reads_an_export_without_a_mapping(shop) -> None:
    path = shop.folder / "report.csv"
    path.write_text("Opportunity ID,Opportunity Name,Account Name,Stage,Close Date\n1,A,B,Closed Lost,2026-01-01\n")
    code, out = shop.run("import", str(path), "--preset", "salesforce-report", "--now", START)
    assert code == 0, shop.said
    assert "1 row = 1 accepted" in out
    code, _ = shop.run("import", str(path), "--preset", "salesfarce-report", "--now", START)
    assert code == 2
    assert "salesforce-report" in shop.said


def test_whoever_used_a_preset_is_shown_the_mapping_that_they_need(shop) -> None:
    path = shop.folder / "report.csv"
    path.write_text("Opportunity ID,Account Name,Stage,Close Date\n1,A,Closed Lost,01/02/2026\n")
    code, out = shop.run("import", str(path), "--preset", "salesforce-report", "--now", START)
    assert (code, out) == (2, "")
    assert "the preset salesforce-report does not say how to read them" in shop.said
    begin, end = shop.said.index("    mapping:"), shop.said.index("  and import with")
    (shop.folder / "own.yaml").write_text(textwrap.dedent(shop.said[begin:end]))
    code, _ = shop.run("import", str(path), "--mapping", str(shop.folder / "own.yaml"), "--now", START)
    assert code == 0, shop.said


@pytest.mark.parametrize("option", [[], ["--preset", "hubspot"]])
def test_a_folder_is_no_export(shop, option) -> None:
    for path in (shop.folder, Path()):
        code, out = shop.run("import", str(path), *option, "--now", START)
        assert (code, out) == (2, "")
        assert "is a folder" in shop.said


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04..[Content_Types].xml", "an Excel workbook (XLSX)"),
        (b"PK\x03\x04..deals.csv", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old Excel workbook (XLS)"),
    ],
)
def test_what_is_no_csv_file_is_named_with_its_cure(shop, begin, kind) -> None:
    path = shop.folder / "export.csv"
    path.write_bytes(begin)
    code, out = shop.run("import", str(path), "--now", START)
    assert (code, out) == (2, "")
    assert f"export.csv is {kind}, no CSV file" in shop.said
    assert "CSV" in shop.said.partition("no CSV file")[2]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            "mapping: x\ndeals:\n  preset: hubspot\n  columns: {Id: id}\n",
            "preset is a key of the whole mapping: write it at the margin",
        ),
        ("mapping: x\ndeals:\n  colums: {Id: id}\n", "mapping.yaml:3:3"),
        ("mapping: x\ndeals: [\n", "mapping.yaml:"),
        ("mapping: x\ndeals:\n  columns: {Id: id, Stag: status}\n  status: {lost: [Lost]}\n", "no column “Stag”"),
        (
            "mapping: x\ndeals:\n  columns: {Id: id, Stage: status, Note: nte}\n  status: {lost: [Lost]}\n",
            "field “nte”",
        ),
    ],
)
def test_a_mapping_that_is_not_right_is_refused_with_its_place(shop, mapping, said) -> None:
    (shop.folder / "mapping.yaml").write_text(mapping)
    code, out = _import(shop, [deal("D1")])
    assert (code, out) == (2, "")
    assert said in shop.said
    assert "Traceback" not in shop.said


def test_a_field_that_a_join_fills_and_nobody_declared_is_shown_in_the_line_of_the_join(shop) -> None:
    (shop.folder / "mapping.yaml").write_text(
        "mapping: x\ndeals:\n  columns: {Id: id, Stage: status}\n  status: {lost: [Lost]}\n  date_format: ISO\n"
        "joins:\n  - file: one.csv\n    on: {Owner: Owner}\n    take: {Team: team}\n"
        "  - file: two.csv\n    on: {Owner: Owner}\n    take:\n      Team: team\n      Size: account.siez\n"
    )
    for name in ("one.csv", "two.csv"):
        (shop.folder / name).write_text("Owner,Team,Size\nkim,west,3\n")
    code, out = _import(shop, [deal("D1")])
    assert (code, out) == (2, "")
    assert "mapping.yaml:14:7: there is no field “account.siez”" in shop.said


def test_a_mapping_is_checked_again_only_after_it_changed(shop, monkeypatch) -> None:
    assert _import(shop, [deal("D1")])[0] == 0
    with monkeypatch.context() as patched:
        patched.setattr("engine.authoring.source.read_yaml", lambda *_: pytest.fail("parsed again"))
        assert _import(shop, [deal("D1", Owner="lee")])[0] == 0
    text = (shop.folder / "mapping.yaml").read_text()
    (shop.folder / "mapping.yaml").write_text(text.replace("Owner: owner", "Owner: ownr"))
    assert _import(shop, [deal("D1")])[0] == 2
    assert "mapping.yaml:7:5: there is no field “ownr”" in shop.said


@pytest.mark.parametrize("option", ["--mapping", "--accounts", "--contacts", ""])
def test_a_file_that_is_not_there_is_named(shop, option) -> None:
    path = str(shop.write([deal("D1")]))
    arguments = [path, option, "missing.csv"] if option else ["missing.csv"]
    code, out = shop.run("import", *arguments, "--now", START)
    assert (code, out) == (2, "")
    assert "missing.csv" in shop.said
    assert "mistake of ours" not in shop.said


def test_rejected_rows_that_cannot_be_written_stop_the_import(shop) -> None:
    before = shop.contents()
    code, _ = _import(shop, [deal("D1"), deal("D2", Lost="never")], "--rejects", str(shop.folder / "no" / "r.csv"))
    assert code == 2
    assert "--rejects" in shop.said
    assert shop.contents() == before


# --- status words that nobody listed --------------------------------------------------------------------------------


def _with_star(shop: Shop) -> None:
    path = shop.folder / "mapping.yaml"
    path.write_text(path.read_text().replace("open: [Open]", "open: [Open, '*']"), encoding="utf-8")


def test_a_loss_in_words_that_the_mapping_does_not_list_is_said_loudly_with_the_cure(shop) -> None:
    _with_star(shop)
    rows = [deal("D1"), deal("D2", Stage="Verloren"), deal("D3", Stage="Demo"), deal("D4", Stage="Verloren: Preis")]
    code, out = _import(shop, rows)
    assert code == 1, "a cron job notices"
    assert "WARNING: 2 rows have a status that sounds lost, taken as open: no playbook follows them" in out
    assert 'lost: [Lost, Verloren, "Verloren: Preis"]' in out
    assert 'open: [Verloren, "Verloren: Preis", Open, "*"]' in out
    assert "taken as open, because status in the mapping does not list them: Demo (1)" in out
    assert set(shop.account("Acme", "D1", "D2", "D3", "D4").deals) == {"D1", "D2", "D3", "D4"}, "the import went on"
    code, out = _import(shop, rows, "--format", "json")
    words = [(one["word"], one["status"], one["rows"], one["looks"]) for one in json.loads(out)["status_words"]]
    assert words == [
        ("Verloren", "open", 1, "lost"), ("Verloren: Preis", "open", 1, "lost"), ("Demo", "open", 1, None),
    ]  # fmt: skip


def test_the_cure_that_the_report_writes_cures(shop) -> None:
    _with_star(shop)
    rows = [deal("D1"), deal("D2", Stage="Verloren: Preis")]
    _, out = _import(shop, rows)
    cure = next(line.strip() for line in out.splitlines() if line.strip().startswith("lost: "))
    path = shop.folder / "mapping.yaml"
    path.write_text(path.read_text().replace("lost: [Lost]", cure), encoding="utf-8")
    code, out = _import(shop, rows)
    assert (code, "WARNING" in out) == (0, False)
    assert "2 lost" in out


def test_ordinary_stages_are_listed_and_no_alarm(shop) -> None:
    _with_star(shop)
    code, out = _import(shop, [deal("D1"), deal("D2", Stage="Demo"), deal("D3", Stage="Demo")])
    assert code == 0
    assert "Demo (2)" in out
    assert "WARNING" not in out


# --- contacts and their roles -----------------------------------------------------------------------------------------

LOOKING = """
playbook: check-in
title: Check in
enrol:
  if: {status: {is: lost}}
ends:
  kept: {}
initial: wait
states:
  wait:
    actions:
      ask: {kind: call, title: Ask, assign: owner, contact: decision_maker, optional: true}
    transitions:
      - {after: 4w, end: kept}
"""


@pytest.fixture
def looking(shop) -> Shop:
    (shop.folder / "playbooks" / "check-in.yaml").write_text(LOOKING.lstrip())
    return shop


def test_contacts_without_a_role_that_playbooks_look_for_are_counted_with_the_cure(looking) -> None:
    rows = [deal("D1", Person="C1"), deal("D2"), deal("D3", Person="C3", Role="decision_maker"),
            deal("D4", Person="C4", Stage="Won", Lost=""), deal("D5", Person="C5", Role="Boss")]  # fmt: skip
    for _ in range(2):  # also where nothing is new
        code, out = _import(looking, rows)
        assert code == 0
        assert "1 lost deals have contacts without a role, and playbooks look for decision_maker" in out
        assert "constants: {contact.role: decision_maker}" in out
        assert "1 contacts of lost deals in a role that no playbook looks for" in out
    _, out = _import(looking, rows, "--format", "json")
    kinds = {one["kind"]: one["examples"][0]["value"] for one in json.loads(out)["findings"]}
    assert (kinds["role-missing"], kinds["role-unnamed"]) == ("D1", "Boss")


def test_the_constant_that_the_report_writes_gives_the_role(looking) -> None:
    path = looking.folder / "mapping.yaml"
    path.write_text(path.read_text().replace("    Role: contact.role\n", "", 1).replace(
        "  date_format", "  constants: {contact.role: decision_maker}\n  date_format", 1))  # fmt: skip
    code, out = _import(looking, [deal("D1", Person="C1"), deal("D2")])
    assert code == 0
    assert "without a role" not in out
    found = looking.account("Acme", "D1", "D2").deals
    assert (found["D1"].contacts, found["D2"].contacts) == ([("C1", "decision_maker")], [])


def test_roles_that_come_with_a_file_of_contacts_are_not_missed(looking) -> None:
    people = looking.write(
        [{"Person": "C1", "Deal": "D1", "Account": "Acme", "Role": "decision_maker"}], "people.csv",
        ("Person", "Deal", "Account", "Role", "Phone"),
    )  # fmt: skip
    code, out = _import(looking, [deal("D1", Person="C1")], "--contacts", str(people))
    assert (code, "without a role" in out) == (0, False)


def test_where_no_playbook_names_a_role_nobody_asks_for_one(shop) -> None:
    _, out = _import(shop, [deal("D1", Person="C1")])
    assert "role" not in out


def test_a_constant_role_alone_says_nothing_of_who_the_contacts_are(shop) -> None:
    """The report's preset has such a constant: an export without contacts must not unlink those that are there."""
    _import(shop, [deal("D1", Person="C1", Role="buyer")])
    path = shop.folder / "mapping.yaml"
    lines = [
        line for line in path.read_text().splitlines() if "contact." not in line or "Person: contact.id, D" in line
    ]
    path.write_text("\n".join(lines).replace(
        "  date_format", "  constants: {contact.role: primary_contact}\n  date_format", 1))  # fmt: skip
    code, _ = _import(shop, [deal("D1", Value="7")])
    assert code == 0, shop.said
    assert shop.account("Acme", "D1").deals["D1"].contacts == [("C1", "buyer")]


def test_a_team_is_taken_by_its_title(tmp_path) -> None:
    roster = "people:\n  kim: {name: Kim}\nteams:\n  west: {title: Sales West}\n"
    made = Shop(tmp_path / "teams", roster=roster)
    path = made.folder / "mapping.yaml"
    path.write_text(path.read_text().replace("    Note: custom.note\n", "    Note: team\n"), encoding="utf-8")
    _, out = _import(made, [deal("D1", Note="sales west"), deal("D2", Note="East")])
    assert "1 team matched by title in roster.yaml: sales west is west" in out
    assert "team not in roster.yaml: East" in out
    assert made.account("Acme", "D1").deals["D1"].fields["team"] == "west"
