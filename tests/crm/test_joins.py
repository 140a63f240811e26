import pytest

from engine.crm.errors import ImportRefused
from tests.crm.reading import mapping_of, read

COLUMNS = {"Id": "id", "Stage": "status", "Product": "product", "Rep": "owner"}
PRICES = {"file": "prices.csv", "on": {"product": "NAME"}, "take": {"price": "amount"}}
HEADER = "Id,Stage,Product,Rep\n"
DEALS = HEADER + "1,Lost,GTXPro,Ann\n2,Lost,GTX Pro,Bo\n3,Open,GTXPro,Ann\n4,Open,,Ann\n5,Won,Other,Ann\n"


def _prices(folder, text="name;price\nGTX Pro;4821\nGTX Basic;550\n") -> None:
    (folder / "prices.csv").write_text(text)


def _mapping(**change):
    return mapping_of(COLUMNS, currency="USD", joins=[{**PRICES, **change}])


def test_an_unmatched_key_is_counted_listed_and_told_what_was_probably_meant(tmp_path) -> None:
    _prices(tmp_path)
    outcome = read(tmp_path, DEALS, _mapping())
    assert [(each.key, each.rows, each.lost, each.suggestion) for each in outcome.summary.unmatched] == [
        ("GTXPro", 2, 1, "GTX Pro"),
        ("Other", 1, 0, ""),
    ]
    assert outcome.findings()["join-key-unmatched"] == 3
    assert [deal.get("amount") for deal in outcome.deals] == [None, 482100, None, None, None]


def test_an_alias_joins_what_is_misspelt(tmp_path) -> None:
    _prices(tmp_path)
    outcome = read(tmp_path, DEALS, _mapping(alias={"GTXPro": "GTX Pro", "Other": "GTX Basic"}))
    assert outcome.summary.unmatched == ()
    assert [deal.get("amount") for deal in outcome.deals] == [482100, 482100, 482100, None, 55000]


def test_an_alias_to_nothing_is_refused(tmp_path) -> None:
    _prices(tmp_path)
    with pytest.raises(ImportRefused, match="GTX Pro"):
        read(tmp_path, DEALS, _mapping(alias={"Other": "GTX-Pro"}))


def test_a_join_goes_before_a_column_for_the_same_field(tmp_path) -> None:
    _prices(tmp_path)
    content = mapping_of({**COLUMNS, "Value": "amount"}, currency="USD", joins=[PRICES])
    outcome = read(tmp_path, "Id,Stage,Product,Rep,Value\n1,Lost,GTX Pro,Ann,0\n2,Lost,Odd,Ann,7\n", content)
    assert [deal["amount"] for deal in outcome.deals] == [482100, 700]


def test_a_join_may_need_two_columns_and_fill_the_account(tmp_path) -> None:
    (tmp_path / "reps.csv").write_text("rep,line,boss,land\nAnn,A,Kim,NO\nAnn,B,Lu,SE\n")
    join = {
        "file": "reps.csv",
        "on": {"Rep": "rep", "Product": "line"},
        "take": {"boss": "manager", "land": "account.country"},
    }
    content = mapping_of({**COLUMNS, "Customer": "account"}, joins=[join])
    outcome = read(tmp_path, "Id,Stage,Product,Rep,Customer\n1,Lost,B,Ann,C1\n2,Lost,C,Ann,C1\n", content)
    assert outcome.deals[0]["manager"] == "Lu"
    assert outcome.records[0].account == {"id": "C1", "country": "SE"}
    assert outcome.summary.unmatched[0].key == "Ann / C"


def test_a_key_that_is_twice_with_other_values_is_a_finding_and_the_first_wins(tmp_path) -> None:
    _prices(tmp_path, "name,price\nGTX Pro,1\nGTX Pro,2\nGTX Pro,1\n")
    outcome = read(tmp_path, HEADER + "1,Lost,GTX Pro,Ann\n", _mapping())
    assert outcome.deals[0]["amount"] == 100
    assert outcome.findings()["join-key-twice"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": "absent.csv"}, r"absent\.csv cannot be read"),
        ({"file": "../prices.csv"}, "outside the folder"),
        ({"on": {"Produkt": "name"}}, "no column “Produkt”.*Did you mean “product”"),
        ({"on": {"Product": "nam"}}, "no column “nam”.*Did you mean “name”"),
        ({"take": {"prize": "amount"}}, "no column “prize”.*Did you mean “price”"),
    ],
)
def test_a_missing_side_file_or_column_refuses_the_import(tmp_path, change, message) -> None:
    _prices(tmp_path)
    with pytest.raises(ImportRefused, match=message):
        read(tmp_path, DEALS, _mapping(**change))


def test_a_bare_on_key_that_yaml_reads_as_true_is_understood(tmp_path) -> None:
    _prices(tmp_path)
    join = {"file": "prices.csv", True: {"Product": "name"}, "take": {"price": "amount"}}
    assert read(tmp_path, HEADER + "1,Open,GTX Pro,A\n", mapping_of(COLUMNS, currency="USD", joins=[join])).deals[0][
        "amount"
    ]
