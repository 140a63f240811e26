import pytest
import yaml

from engine.crm.errors import ImportRefused, MappingError
from engine.crm.load import load_mapping
from engine.crm.read import read_side
from engine.crm.records import Record
from tests.crm.reading import STATUS, Field, mapping_of, read

GOOD = mapping_of({"Id": "id", "Stage": "status"})


def _deals(**change):
    return {**GOOD, "deals": {**GOOD["deals"], **change}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "the mapping has no deals"),
        ([], "a mapping is a list of keys"),
        ({**GOOD, "dials": {}}, "“dials” is no key.*Did you mean “deals”"),
        ({"preset": "hubspott"}, "there is no preset “hubspott”. Did you mean “hubspot”"),
        (_deals(colums={}), "“colums” is no key.*Did you mean “columns”"),
        (_deals(columns=["Id"]), "columns is not a set of keys"),
        (_deals(columns={"Stage": "status"}), "no column is mapped to id"),
        (_deals(columns={"Id": "id"}), "no column is mapped to status"),
        (_deals(columns={"Id": {"a": 1}, "Stage": "status"}), "is not a text or a list of texts"),
        (_deals(columns={"Id": "id", "Stage": ["status", "lost_at"]}), "cannot be both status and a date"),
        (_deals(columns={"Id": "id", "Stage": "status", "X": "owner name"}), "“owner name” is no name of a field"),
        (_deals(columns={"Id": "id", "Stage": "status", "X": "adress.city"}), "“adress.city” is no target"),
        (_deals(status={"loss": ["Lost"]}), "“loss” is no status. Did you mean “lost”"),
        (_deals(status={}), "no word is listed for lost"),
        (_deals(status={"lost": ["Closed"], "won": ["closed "]}), "listed as lost and as won"),
        (_deals(date_format="%d.%m.%Y"), "written with % signs. Write it like"),
        (_deals(date_format="DD.MM"), "has no year"),
        (_deals(date_formats={"Closed": "YYYY"}), "has no month"),
        (_deals(time_zone="Europe/Berln"), "there is no time zone"),
        (_deals(decimal=",", thousands=","), "the same sign"),
        (_deals(currency="Euro"), "no currency code"),
        (_deals(delimiter="::"), "no delimiter"),
        (_deals(id_characters="all"), "id_characters is no number"),
        ({**GOOD, "joins": {"file": "x"}}, "joins is not a list"),
        ({**GOOD, "joins": [{"on": {"a": "b"}}]}, "the side file has no name"),
        ({**GOOD, "joins": [{"file": "x", "take": {"a": "b"}}]}, "on is empty"),
    ],
)
def test_a_wrong_mapping_is_refused_with_what_to_write_instead(content, message) -> None:
    with pytest.raises(MappingError, match=message):
        load_mapping(content)


def test_all_problems_of_a_mapping_are_told_at_once_each_with_its_place() -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(_deals(currency="Euro", time_zone="Mars", colums={}))
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {("deals", "currency"), ("deals", "time_zone"), ("deals", "colums")}
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize("junk", [None, 1, "x", [], ["x"], {"x": {}}, True, 1.5, {1: 2}, [[]]])
@pytest.mark.parametrize(
    "key",
    [
        "columns",
        "aliases",
        "constants",
        "id_from",
        "id_characters",
        "date_format",
        "date_formats",
        "time_zone",
        "decimal",
        "thousands",
        "currency",
        "status",
        "flags",
        "values",
        "empty",
        "delimiter",
        "encoding",
        "list_separator",
        "keep",
        "skip_footer",
    ],
)
def test_junk_in_any_key_is_a_refusal_or_harmless_and_never_a_crash(key, junk) -> None:
    try:
        load_mapping(_deals(**{key: junk}))
    except MappingError as error:
        assert error.message


def test_the_mappings_own_keys_go_before_those_of_its_preset() -> None:
    mapping = load_mapping(
        {"preset": "hubspot", "deals": {"columns": {"Lost on": "lost_at"}, "status": {"lost": ["Gone"]}}}
    )
    by_target = {target: column.heading for column in reversed(mapping.deals.columns) for target in column.targets}
    assert by_target["lost_at"] == "Lost on"
    assert by_target["won_at"] == "Close Date"
    assert mapping.deals.status["lost"] == ("Gone",)
    assert mapping.deals.status["won"] == ("Closed Won", "closedwon")


def test_a_column_that_the_file_lacks_refuses_the_import_with_a_suggestion(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status", "Close Dat": "lost_at", "Rep": "owner"})
    with pytest.raises(ImportRefused, match=r"no column “Close Dat”\. Did you mean “Close Date”") as caught:
        read(tmp_path, "Id,Stage,Close Date\n", content)
    assert len(caught.value.problems) == 2


def test_a_field_that_is_not_declared_refuses_the_import_with_a_suggestion(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Stage": "status", "A": "lost_reson", "B": "account.industry"})
    fields = {"lost_reason": Field(type="text"), "account.industry": Field(type="text")}
    with pytest.raises(ImportRefused, match=r"no field “lost_reson”\. Did you mean “lost_reason”"):
        read(tmp_path, "Id,Stage,A,B\n", content, fields=fields)


def test_constants_fill_what_no_column_says(tmp_path) -> None:
    content = mapping_of({"Id": "id", "Team": "team"}, constants={"status": "lost", "team": "North", "owner": "kim"})
    outcome = read(tmp_path, "Id,Team\n1,\n2,South\n", content)
    assert [(deal["status"], deal["team"], deal["owner"]) for deal in outcome.deals] == [
        ("lost", "North", "kim"),
        ("lost", "South", "kim"),
    ]


def test_the_documented_shape_in_yaml_is_understood(tmp_path) -> None:
    content = yaml.safe_load("""
        mapping: ours
        deals:
          columns: {Nr: id, Phase: status, Verloren am: [lost_at, custom.lost], Betrag: amount, Firma: account_name}
          date_format: DD.MM.YYYY
          decimal: ","
          thousands: "."
          currency: EUR
          status: {lost: [Verloren], won: [Gewonnen], open: ["*"]}
          empty: ["", "-", nan]
    """)
    text = "Nr;Phase;Verloren am;Betrag;Firma\n1;verloren ;02.03.2026;1.234,50;Müller\n2;Neu;-;nan;-\n"
    outcome = read(tmp_path, text, content)
    assert outcome.deals[0] == {
        "id": "1", "status": "lost", "lost_at": "2026-03-02", "amount": 123450, "currency": "EUR", "account": "Müller",
        "name": "Müller", "custom": {"lost": "02.03.2026"},
    }  # fmt: skip
    assert outcome.deals[1] == {"id": "2", "status": "open", "name": "Deal 2"}
    assert STATUS["lost"] == ["Lost"]


@pytest.mark.parametrize("prefix", ["", "account."])
def test_values_and_constants_of_accounts_name_fields_as_the_columns_do(tmp_path, prefix) -> None:
    part = {
        "columns": {"Key": "id", "Branch": "industry"},
        "values": {f"{prefix}industry": {"Einzelhandel": "retail"}},
        "constants": {f"{prefix}country": "DE"},
    }
    (tmp_path / "accounts.csv").write_text("Key,Branch\n1,Einzelhandel\n2,Chemie\n")
    mapping = load_mapping({**mapping_of({"Id": "id", "Stage": "status"}), "accounts": part})
    rows = [one for one in read_side(tmp_path / "accounts.csv", mapping, "accounts") if isinstance(one, Record)]
    assert [one.account for one in rows] == [
        {"id": "1", "industry": "retail", "country": "DE"}, {"id": "2", "industry": "Chemie", "country": "DE"},
    ]  # fmt: skip


def test_values_and_constants_of_contacts_name_fields_as_the_columns_do(tmp_path) -> None:
    part = {
        "columns": {"Key": "id", "Firm": "account", "Kind": "role"},
        "values": {"role": {"EK": "buyer"}}, "constants": {"language": "de"},
    }  # fmt: skip
    (tmp_path / "contacts.csv").write_text("Key,Firm,Kind\n1,A,EK\n")
    mapping = load_mapping({**mapping_of({"Id": "id", "Stage": "status"}), "contacts": part})
    (row,) = read_side(tmp_path / "contacts.csv", mapping, "contacts")
    assert row.contacts == ({"account": "A", "id": "1", "language": "de", "role": "buyer"},)


def test_an_own_constant_goes_before_a_preset_s_column_in_every_section() -> None:
    mapping = load_mapping({"preset": "salesforce-export", "accounts": {"constants": {"country": "DE"}}})
    targets = [target for column in mapping.section("accounts").columns for target in column.targets]
    assert "account.country" not in targets
    assert mapping.section("accounts").constants == {"account.country": "DE"}
