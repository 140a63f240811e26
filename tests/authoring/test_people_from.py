"""`people_from`: a list of people as any spreadsheet saves it."""

import pytest

from engine.authoring.workspace import load_workspace
from tests.authoring.test_workspace import folder as folder
from tests.authoring.test_workspace import remembered
from tests.validating import validate


@pytest.mark.parametrize(
    "content",
    ["id;name;email;team\nanna;Anna, senior;a@x.de;west\n",
     "sep=;\nid;name;email;team\nanna;Anna, senior;a@x.de;west\n",
     "id\tname\temail\tteam\nanna\tAnna, senior\ta@x.de\twest\n",
     'id,"name",email,"team"\r\nanna,"Anna, senior",a@x.de,west\r\n;;\r\n'],
    ids=["semicolons", "declared", "tabs", "commas"],
)  # fmt: skip
def test_people_come_from_a_csv_as_any_spreadsheet_saves_it(folder, content):
    library = folder / "playbooks" / "library"
    (library / "people.csv").write_bytes(b"\xef\xbb\xbf" + content.encode())
    (library / "roster.yaml").write_text("people_from: {file: people.csv, person: id, name: name, team: team}\n")
    workspace = load_workspace(folder, {})
    assert not workspace.problems
    anna = workspace.world.roster.people["anna"]
    assert (anna.name, anna.team) == ("Anna, senior", "west")


def test_a_csv_in_an_older_encoding_is_said_with_its_line(folder):
    library = folder / "playbooks" / "library"
    (library / "people.csv").write_bytes("id;name\nkim;Kim\nj;Jörg\n".encode("cp1252"))
    (library / "roster.yaml").write_text("people_from: {file: people.csv, person: id}\n")
    found = next(problem for problem in validate(folder) if problem.rule == "bad-csv")
    assert (found.location.line, found.hint) == (3, "save it as “CSV UTF-8”")


def test_a_column_that_is_missing_is_still_missing_when_the_csv_is_known(folder):
    library = folder / "playbooks" / "library"
    (library / "people.csv").write_text("who;team\nkim;west\n")
    (library / "roster.yaml").write_text("people_from: {file: people.csv, person: id}\n")
    first = load_workspace(folder, {})
    (library / "roster.yaml").write_text("people_from: {file: people.csv, person: ident}\n")
    second = load_workspace(folder, remembered(first))
    told = [(problem.message, problem.hint) for problem in second.problems if problem.rule == "unknown-column"]
    assert told == [("playbooks/library/people.csv has no column 'ident'", "its columns are who, team")]
