import pytest

from engine.crm.people import People
from tests.crm.reading import Field, mapping_of, read

PEOPLE = [
    ("kim", "Kim Larsen", "kim@x.example"),
    ("lee", "Lee Okafor", ""),
    ("lee2", "Lee  Okafor", "lee2@x.example"),
    ("jose", "Jos\u00e9 Ruiz", ""),
]
COLUMNS = {"Id": "id", "Stage": "status", "Owner": "owner", "Coach": "coach"}
FIELDS = {"coach": Field(type="person")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kim", ["kim"]),
        ("KIM", ["kim"]),
        ("Kim Larsen", ["kim"]),
        (" kim  larsen ", ["kim"]),
        ("KIM@X.example", ["kim"]),
        ("Jose\u0301 Ruiz", ["jose"]),
        ("Lee Okafor", ["lee", "lee2"]),
        ("lee2@x.example", ["lee2"]),
        ("Kim", ["kim"]),
        ("Kim Larson", []),
        ("", []),
    ],
)
def test_a_person_is_found_by_id_then_name_then_mail_address(text, found) -> None:
    assert People(PEOPLE).find(text) == found


def test_an_id_goes_before_a_name() -> None:
    assert People([("kim", "Lee", ""), ("lee", "Kim", "")]).find("Kim") == ["kim"]


def _read(tmp_path, rows: str, people=PEOPLE):
    return read(tmp_path, f"Id,Stage,Owner,Coach\n{rows}", mapping_of(COLUMNS), fields=FIELDS, people=People(people))


def test_owners_and_every_person_become_ids_and_what_was_matched_is_told(tmp_path) -> None:
    outcome = _read(tmp_path, "1,Lost,Kim Larsen,kim@x.example\n2,Lost,Kim Larsen,KIM\n3,Lost,Ann,\n")
    assert [(deal["owner"], deal.get("coach")) for deal in outcome.deals] == [
        ("kim", "kim"),
        ("kim", "kim"),
        ("Ann", None),
    ]
    assert outcome.summary.matched == {"owner": {"Kim Larsen": "kim"}, "coach": {"kim@x.example": "kim"}}


def test_a_name_of_two_people_is_a_finding_and_no_guess(tmp_path) -> None:
    outcome = _read(tmp_path, "1,Lost,Lee Okafor,kim\n")
    assert outcome.deals[0]["owner"] == "Lee Okafor"
    finding = next(each for each in outcome.summary.findings if each.kind == "person-ambiguous")
    assert finding.examples[0].reason == "may be lee or lee2"


def test_the_fingerprint_changes_only_for_rows_that_the_roster_newly_matches(tmp_path) -> None:
    rows = "1,Lost,Kim Larsen,kim\n2,Lost,Ann,kim\n"
    before, after = _read(tmp_path, rows, people=[("kim", "", "")]), _read(tmp_path, rows)
    changed = [one.fingerprint != other.fingerprint for one, other in zip(before.records, after.records, strict=True)]
    assert changed == [True, False]


def test_a_team_is_found_by_its_title_and_two_of_one_title_are_nobody(tmp_path) -> None:
    columns = {"Id": "id", "Stage": "status", "Team": "team"}
    teams = People([("west", "Sales West", ""), ("a", "Sales East", ""), ("b", "Sales East", "")], "team")
    text = "Id,Stage,Team\n1,Lost,sales west\n2,Lost,west\n3,Lost,Sales East\n4,Lost,North\n"
    outcome = read(tmp_path, text, mapping_of(columns), teams=teams)
    assert [deal["team"] for deal in outcome.deals] == ["west", "west", "Sales East", "North"]
    assert outcome.summary.matched == {"team": {"sales west": "west"}}
    assert outcome.findings()["team-ambiguous"] == 1
