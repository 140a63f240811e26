"""S1.6: our reason against the customer's; S3.4: what each competitor wins by."""

from engine.reports.model import Money, Name, Share
from tests.reports.book import rows


def test_the_cross_table_counts_every_pair_of_reasons(book):
    for number, (ours, theirs) in enumerate([("price", "price"), ("price", "fit"), ("price", "fit"), ("fit", "")]):
        book.deal(f"D{number}", lost_reason=ours, customer_reason=theirs)
    report = book.report("reasons")
    assert (report.facts["both_reasons"], report.facts["disagree"]) == (3, 2)
    table = next(table for table in report.tables if table.name == "ours_versus_customer")
    assert [column.key for column in table.columns] == ["ours", "fit", "price", "not_known", "all"]
    assert table.rows == (
        (Name(name="1 fit"), 0, 0, 1, 1),
        (Name(name="2 price"), 2, 1, 0, 3),
        (Name(name="? not known"), 0, 0, 0, 0),
    )


def test_of_several_reasons_with_as_many_deals_all_are_named(book):
    for number, reason in enumerate(["price", "fit", "no_budget", "price", "fit", "no_budget", "timing"]):
        book.deal(f"D{number}", lost_reason=reason)
    told = "The most frequent reasons are “fit”, “no budget” and “price”: 2 of 7 (29 %) with a reason each."
    assert book.report("reasons").verdict == told
    book.deal("D9", lost_reason="price")
    assert book.report("reasons").verdict == "The most frequent reason is “price”: 3 of 8 (38 %) with a reason."


def test_unknown_is_no_reason_wherever_it_stands(book):
    book.deal("D1", customer_reason="unknown", answers={"theirs": {"why": {"primary": "unknown", "also": ["fit"]}}})
    report = book.report("reasons")
    assert (report.facts["with_reason"], report.facts["both_reasons"]) == (0, 0)
    assert report.verdict == "None of 1 lost deal has a reason yet."


def test_an_answer_goes_before_the_field_of_the_crm(book):
    said = {
        "ours": {"why": {"primary": "fit", "also": [], "branch": "chased"}},
        "theirs": {"why": {"primary": "price"}},
    }
    book.deal("D1", lost_reason="price", customer_reason="fit", answers=said)
    book.deal("D2", lost_reason="price", answers={"ours": {"why": "unknown"}, "gone": {"why": {"primary": "x"}}})
    report = book.report("reasons")
    table = next(table for table in report.tables if table.name == "ours_versus_customer")
    assert table.rows[0][1:] == (0, 1, 0, 1), "we said fit, the customer price"
    assert table.rows[1][1:] == (0, 0, 1, 1), "unknown is no reason: the field counts"


def test_a_deal_counts_under_the_customers_reason_where_it_is_known(book):
    book.deal("D1", lost_reason="price", customer_reason="fit")
    book.deal("D2", lost_reason="price")
    counted = {name.name: share.part for name, share in rows(book.report("reasons"), "reasons")}
    assert counted == {"fit": 1, "price": 1}


def test_teams_and_stages_have_their_own_shares(book):
    book.deal("D1", lost_reason="price", team="west", stage_where_lost="proposal")
    book.deal("D2", lost_reason="price", team="west")
    book.deal("D3", lost_reason="fit", team="west")
    book.deal("D4", lost_reason="fit", team="east")
    report = book.report("reasons")
    assert rows(report, "by_team") == [
        ("east", Name(name="fit"), Share(part=1, whole=1)),
        ("west", Name(name="price"), Share(part=2, whole=3)),
        ("west", Name(name="fit"), Share(part=1, whole=3)),
    ]
    assert rows(report, "by_stage") == [("proposal", Name(name="price"), Share(part=1, whole=1))]


def test_each_competitor_has_its_most_frequent_reason_and_industry(book):
    book.account("S", industry="software")
    book.account("R", industry="retail")
    for number, (home, reason) in enumerate([("S", "fit"), ("S", "fit"), ("R", "price"), ("R", "")]):
        book.homes[f"D{number}"] = home
        book.deal(f"D{number}", account=home, competitor="Rival", lost_reason=reason)
    assert rows(book.report("reasons"), "by_competitor") == [
        ("Rival", 4, Name(name="fit"), Share(part=2, whole=4), "retail", Share(part=2, whole=4))
    ]


def test_what_customers_found_better_is_listed_with_the_kind_of_customer(book):
    book.deal("D1", competitor="Rival", competitor_advantages="faster", customer_type="small", lost_at="2026-01-05")
    book.deal("D2", competitor="Rival", competitor_advantages="nearer", lost_at="2026-02-05")
    assert rows(book.report("reasons"), "advantages") == [
        ("Rival", "nearer", "", "D2", "2026-02-05"),
        ("Rival", "faster", "small", "D1", "2026-01-05"),
    ]


def test_amounts_are_added_by_reason_and_never_across_currencies(book):
    book.deal("D1", lost_reason="price", amount=[100_00, "EUR"], competitor="Rival")
    book.deal("D2", lost_reason="price", amount=[50_00, "EUR"], team="east")
    book.deal("D3", lost_reason="fit", amount=[500_00, "EUR"], customer_reason="price", competitor="Rival")
    book.deal("D4", lost_reason="fit", amount=[900_00, "USD"])
    book.deal("D5", lost_reason="fit")
    report = book.report("reasons")
    price, fit = Name(name="price"), Name(name="fit")
    assert rows(report, "amounts") == [
        (price, 3, Money(minor=650_00, currency="EUR")),
        (fit, 1, Money(minor=900_00, currency="USD")),
    ]
    assert rows(report, "amounts_by_team") == [
        ("east", price, 1, Money(minor=50_00, currency="EUR")),
        ("west", price, 2, Money(minor=600_00, currency="EUR")),
        ("west", fit, 1, Money(minor=900_00, currency="USD")),
    ]
    assert rows(report, "amounts_by_competitor") == [("Rival", price, 2, Money(minor=600_00, currency="EUR"))]
