import csv
import io
import json
from html.parser import HTMLParser

import pytest

from engine.reports.catalogue import REPORTS
from engine.store.base import ImportedAccount, ImportedContact, ImportedDeal
from engine.store.sqlite import create
from tests.console import shop as shops
from tests.small_workspace import lay

FORMATS = ("text", "json", "csv", "html")
ALONE = {"meta", "link", "br"}


class Page(HTMLParser):
    """Fails on an element that is not closed; remembers what stands where."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def tags(self, name: str) -> list[dict]:
        return [attrs for tag, attrs in self.seen if tag == name]


@pytest.fixture
def empty(tmp_path, capsys):
    lay(tmp_path, shops.FILES)
    create(tmp_path / "playbook.db").close()
    return shops.Shop(tmp_path, capsys)


def test_without_a_name_every_report_is_listed_with_one_line(shop):
    told = shop.run("report")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()[: len(REPORTS)]] == list(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_report_on_nothing_says_so(empty, name, form):
    told = empty.run("report", name, "--format", form)
    assert told.code == 0
    said = told.err if form == "csv" else told.out
    assert "no lost deals yet: import an export first" in " ".join(said.split())
    assert "NaN" not in told.out and "None" not in said.replace("None of", "")
    if form == "csv":
        assert told.out == ""


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_on_three_losses_fits_a_hundred_columns(shop, name):
    told = shop.run("report", name)
    assert told.code == 0 and told.out
    assert max(len(line) for line in told.out.splitlines()) <= 100


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_stands_by_itself_and_names_its_columns_and_rows(shop, name):
    page = Page(shop.run("report", name, "--format", "html").out)
    assert not page.tags("script") and not page.tags("link") and not page.tags("img")
    assert not any({"src", "href", "onclick"} & attrs.keys() for _, attrs in page.seen)
    assert len(page.tags("table")) == len(page.tags("caption")) == len(page.tags("thead"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.tags("th"))
    order = [tag for tag, attrs in page.seen if tag == "table" or attrs.get("class") == "verdict"]
    assert order[0] == "p", "the answer comes first"
    assert page.tags("html") == [{"lang": "en"}]


def test_what_comes_from_the_crm_cannot_steer_page_terminal_or_spreadsheet(shop):
    with shop.store() as store:
        store.upsert_accounts([ImportedAccount(id="A9", name="<b>&\x1b[31m\u202e")])
        fields = {"status": "lost", "name": "=SUM(A1)", "owner": "<script>", "team": "@west", "lost_at": "2026-01-01"}
        store.upsert_deals([ImportedDeal(id="D9", account="A9", fields=fields, contacts=[], fingerprint="f")])
    page = shop.run("report", "untouched", "--format", "html", "--days", "1").out
    assert "&lt;script&gt;" in page and "<script>" not in page and "&lt;b&gt;&amp;" in page
    for form in FORMATS:
        which = ("--table", "deals") if form == "csv" else ()
        told = shop.run("report", "untouched", "--format", form, "--days", "1", *which)
        assert "\x1b" not in told.out and "\u202e" not in told.out
        if form == "csv":
            row = next(row for row in csv.DictReader(io.StringIO(told.out)) if row["deal"] == "D9")
            assert (row["name"], row["team"]) == ("'=SUM(A1)", "'@west")


def test_json_has_raw_numbers_sentences_and_keys_that_stay(shop):
    content = json.loads(shop.run("report", "untouched", "--format", "json", "--team", "west").out)
    assert list(content) == ["report", "title", "scope", "verdict", "remarks", "facts", "tables"]
    assert content["scope"]["team"] == "west" and content["scope"]["as_of"] == "2026-03-02T10:00"
    assert content["facts"]["untouched"] == 1
    (row,) = content["tables"]["by_owner"]["rows"]
    assert row == {
        "team": "west",
        "owner": "kim",
        "untouched": 1.0,
        "untouched_part": 1,
        "untouched_of": 1,
        "excused": 0,
    }
    (deal,) = content["tables"]["deals"]["rows"]
    assert (deal["amount"], deal["amount_minor"], deal["amount_currency"]) == (12500, 1250000, "USD")


def test_csv_is_one_table_and_the_hint_names_the_others(shop):
    told = shop.run("report", "untouched", "--format", "csv")
    assert [row["owner"] for row in csv.DictReader(io.StringIO(told.out))] == ["kim"]
    assert "--table has also deals" in told.err
    chosen = shop.run("report", "untouched", "--format", "csv", "--table", "deals")
    assert [row["deal"] for row in csv.DictReader(io.StringIO(chosen.out))] == ["D-3"]
    assert chosen.err == ""
    wrong = shop.run("report", "untouched", "--format", "csv", "--table", "owners")
    assert (wrong.code, wrong.out) == (2, "")
    assert "now it has by_owner, deals" in wrong.err


def test_a_small_number_is_no_percentage(shop):
    assert "1 of 1, too few to tell" in shop.run("report", "untouched").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("untuched",), "untouched"),
        (("time", "--days", "3"), "--since and --until"),
        (("time", "--playbook", "check-in"), "--playbook goes with"),
        (("completion", "--playbook", "chekc-in"), "check-in"),
        (("time", "--questionnaire", "debrief"), "--questionnaire goes with answers"),
        (("answers", "--questionnaire", "nothing_of_ours"), "there is no questionnaire 'nothing_of_ours'"),
        (("untouched", "--since", "yesterday"), "write 2026-03-02"),
        (("untouched", "--since", "2026-02-01", "--until", "2026-01-01"), "swap them"),
        (("untouched", "--owner", "kimm"), "kim"),
        (("untouched", "--table", "deals"), "--format csv"),
    ],
)
def test_a_slip_is_told_with_what_to_write_instead(shop, arguments, told):
    answer = shop.run("report", *arguments)
    assert answer.code == 2 and answer.out == ""
    assert told in answer.err


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [name for name, entry in REPORTS.items() if entry.playbook])
def test_a_mistyped_playbook_is_refused_by_every_report_that_takes_one(shop, name, form):
    with shop.store() as store:
        contact = ImportedContact(id="C1", account="A1", fields={}, consent={"stay_in_touch": "granted"})
        store.upsert_contacts([contact])
    told = shop.run("report", name, "--playbook", "chekc-in", "--format", form)
    assert (told.code, told.out) == (2, "")
    assert "there is no playbook 'chekc-in'" in told.err and "check-in" in told.err.replace("chekc-in", "")
    assert shop.run("report", name, "--playbook", "check-in", "--format", form).code == 0


def test_the_win_rate_of_an_earlier_day_leaves_out_what_was_closed_since(shop):
    told = json.loads(shop.run("report", "winrate", "--now", "2026-02-01", "--format", "json").out)
    assert told["facts"]["lost"] == 1 and "Not counted: 2 deals" in told["remarks"][-1]


def test_the_report_goes_into_a_file(shop, tmp_path):
    path = tmp_path / "losses.html"
    told = shop.run("report", "untouched", "--format", "html", "--output", str(path))
    assert (told.code, told.out) == (0, "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    nowhere = shop.run("report", "untouched", "--output", str(tmp_path / "no" / "such.txt"))
    assert nowhere.code == 2 and "cannot be written" in nowhere.err


def test_a_report_changes_nothing(shop):
    before = (shop.folder / "playbook.db").read_bytes()
    for name in REPORTS:
        shop.run("report", name)
    assert (shop.folder / "playbook.db").read_bytes() == before


def test_the_owner_filter_and_the_limit_narrow_the_list(shop):
    assert "D-3" in shop.run("report", "untouched", "--owner", "kim").out
    told = shop.run("report", "untouched", "--owner", "noor")
    assert "No lost deal fits what you asked for" in told.out


def test_the_list_of_reports_comes_in_the_format_that_is_asked_for(shop):
    assert [one["report"] for one in json.loads(shop.run("report", "--format", "json").out)] == list(REPORTS)
    assert shop.run("report", "--format", "csv").out.splitlines()[0] == "report,tells"
    assert shop.run("report", "--format", "html").code == 2


def test_the_ending_of_the_file_is_the_format_unless_another_is_named(shop):
    for name, begins in (("x.html", "<!"), ("x.JSON", "{"), ("x.csv", "deal"), ("x.txt", "Untouched")):
        path = shop.folder / name
        assert shop.run("report", "untouched", "--output", str(path), "--now", "2026-06-01").code == 0
        told = path.read_text()
        assert told.startswith(begins) or (name == "x.csv" and "," in told.splitlines()[0]), told[:80]
    path = shop.folder / "y.html"
    shop.run("report", "untouched", "--format", "json", "--output", str(path))
    assert path.read_text().startswith("{")


def test_a_table_is_as_wide_as_the_terminal_and_never_cuts_an_id(shop, monkeypatch):
    long = "D-with-a-number-of-many-places-" + "7" * 40
    with shop.store() as store, store.transaction():
        store.upsert_deals([shops.deal(long, "A1", "C1", name="The roof of the old town hall and all of its windows")])
    told = shop.run("report", "untouched", "--now", "2026-06-01").out
    assert long in told and "all of its windows" in told
    for width in ("90", "200"):
        monkeypatch.setenv("COLUMNS", width)
        told = shop.run("report", "untouched", "--now", "2026-06-01").out
        assert long in told and ("all of its windows" in told) == (width == "200")
