"""`playbook compare`: how a comparison is shown, and the command on a small workspace."""

import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from engine.console.compare_files import comparison_csv, comparison_json
from engine.console.compare_page import comparison_page
from engine.console.compare_tables import NAMES, tables
from engine.console.compare_text import comparison_text
from engine.console.tables import width
from engine.experiments.comparison import Comparison
from engine.plots.canvas import measured
from engine.plots.looks import looks
from tests.console.sample_comparison import SAMPLES
from tests.console.test_experimenting import lab, start  # noqa: F401  # a workspace with an experiment

LATER, MUCH_LATER = "2026-03-02T11:00", "2026-03-20T09:00"


class Seen(HTMLParser):
    """Which elements there are; fails where one is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(params=SAMPLES)
def sample(request) -> Comparison:
    return SAMPLES[request.param]()


# --- text -----------------------------------------------------------------------------------------------------------


def test_the_verdict_comes_first_in_words(sample):
    told = comparison_text(sample, 80)
    paragraphs = told.split("\n\n")
    assert " ".join(paragraphs[1].split()).endswith(" ".join(sample.verdict.words.split()))
    assert "None" not in told and "nan" not in told.lower().split()


def test_text_fits_eighty_columns_whatever_the_names_are(sample):
    assert max(width(line) for line in comparison_text(sample, 80).splitlines()) <= 80


def test_a_name_cannot_steer_the_terminal():
    told = comparison_text(SAMPLES["hostile"](), 80)
    assert "\x1b" not in told and "\u202e" not in told


def test_the_look_of_the_verdict_is_shown_though_it_is_long_ago():
    one = SAMPLES["winner"]()
    early = replace(one.contrasts[0], verdict=replace(one.contrasts[0].verdict, look=5))
    told = comparison_text(replace(one, contrasts=(early,)), 100)
    assert re.search(r"^ +5  2027-07-04", told, re.M) and not re.search(r"^ +6  2027-07-11", told, re.M)


def test_a_mismatch_is_shown_in_full_only_where_it_is_one():
    one = SAMPLES["winner"]()
    assert "Yes, as far as that can be told" in " ".join(comparison_text(one, 80).split())
    flagged = replace(one.mismatches[0], flagged=True, p=0.00001, reason="far too few in four_weeks")
    told = comparison_text(replace(one, mismatches=(flagged,)), 80)
    assert "NO" in told and "under 0.001" in told and "far too few" in told


def test_tables_say_as_of_when_they_are():
    one = replace(SAMPLES["winner"](), look_on=date(2027, 9, 12))
    told = " ".join(comparison_text(one, 100).split())
    assert "drawn by the day asked for, 2027-09-14, and what had come of it by the look of 2027-09-12" in told
    assert "four_weeks against ten_weeks, by team, by the look of 2027-09-12" in told
    assert "by the import of 2027-09-12" in comparison_text(replace(one, look_on=None), 100)


def test_a_look_with_too_few_wins_says_so_wherever_looks_are_shown():
    one = SAMPLES["winner"]()
    few = [
        replace(look, z=9.0, reason="fewer than ten wins") for look in one.contrasts[0].looks if look.bound is not None
    ]
    verdict = replace(one.contrasts[0].verdict, state="too_early", look=None)
    one = replace(one, contrasts=(replace(one.contrasts[0], looks=tuple(few), verdict=verdict),))
    assert "Beyond the boundary, but with fewer than ten wins" in " ".join(comparison_text(one, 80).split())
    page = comparison_page(one)
    assert ">fewer than ten wins</text>" in page and "<td>fewer than ten wins</td>" in page.replace(' class="text"', "")
    shown = next(table for table in tables(one) if table.name == "looks")
    assert "fewer than ten wins" in comparison_csv(shown, "UTC")


def test_words_are_plain_and_numbers_agree():
    one = SAMPLES["winner"]()
    five = replace(one, contrasts=(replace(one.contrasts[0], looks=one.contrasts[0].looks[-5:]),), unit="account")
    told = " ".join(comparison_text(replace(five, look_on=None), 100).split())
    assert "The look before: --format html or csv." in told and "1 looks" not in told
    page = comparison_page(five)
    assert "An account is mature" in page and "A account" not in page
    for jargon in ("for the eye", "All, as one", "All, one look"):
        assert jargon not in told and jargon not in page
    skipped = replace(
        one.contrasts[0], looks=(replace(one.contrasts[0].looks[0], z=None, estimate=None), *one.contrasts[0].looks[1:])
    )
    assert "15 looks, 1 of them with nothing to compare. At look 15, " in comparison_page(
        replace(one, contrasts=(skipped,))
    )


def test_an_arm_that_a_guardrail_holds_back_is_not_said_to_have_too_few_deals():
    one = SAMPLES["winner"]()
    held = replace(one, verdict=replace(one.verdict, state="inconclusive", blocked_by="opted_out within 28d"))
    for shown in (comparison_text(held, 80).lower(), comparison_page(held).lower()):
        assert "no winner: a guardrail was crossed" in shown and "the deals were too few" not in shown
    open_still = replace(one, verdict=replace(one.verdict, state="inconclusive"))
    assert "NO ANSWER: THE DEALS WERE TOO FEW" in comparison_text(open_still, 80)


@pytest.mark.parametrize("number", [10, 15])  # in the middle, and with nothing free behind it
@pytest.mark.parametrize("side", [1, -1])
def test_the_name_of_the_look_that_decided_stands_beside_its_mark_and_not_on_it(side, number):
    one = SAMPLES["winner"]()
    contrast = one.contrasts[0]
    far = tuple(replace(look, z=side * (4.5 if look.number == number else 0.5)) for look in contrast.looks)
    contrast = replace(contrast, looks=far, verdict=replace(contrast.verdict, look=number))
    drawn = ElementTree.fromstring(looks(one, contrast, width=328, name="a"))
    (name,) = (each for each in drawn.iter() if each.text == f"look {number}")
    middle, below = float(name.get("x")), float(name.get("y"))
    shapes = [each.get("d") for each in drawn.iter() if "rim" in (each.get("class") or "")]
    corners = [[float(found) for found in re.findall(r"-?[\d.]+", shape)] for shape in shapes if shape]
    sizes = [(min(one[::2]), max(one[::2]), min(one[1::2]), max(one[1::2])) for one in corners]
    left, right, top, bottom = max(sizes, key=lambda size: size[1] - size[0])
    half = measured(f"look {number}") / 2
    assert middle + half < left or middle - half > right or below < top or below - 9 > bottom


def test_deals_that_nobody_drew_are_not_called_drawn():
    one = SAMPLES["observational"]()
    told, page = comparison_text(one, 100), comparison_page(one)
    assert [column.title for column in tables(one)[0].columns][2] == "Deals"
    for words in (told, page):
        assert "Drawn" not in words and "were drawn" not in words and "are drawn" not in words
    assert page.count("nobody was drawn at random") <= 2  # the title of the page, and its headline


# --- JSON and CSV ---------------------------------------------------------------------------------------------------


def test_json_has_every_field_and_no_number_that_is_none(sample):
    content = json.loads(comparison_json(sample, "Europe/Berlin"), parse_constant=pytest.fail)
    assert list(content) == ["format", "zone", *(field.name for field in fields(Comparison))]
    assert content["format"] == 2  # docs/compare-json.md says what each format changed
    assert content["verdict"]["words"] == sample.verdict.words
    assert len(content["contrasts"]) == len(sample.contrasts)


def test_instants_are_iso_with_the_offset_of_the_zone():
    content = json.loads(comparison_json(SAMPLES["winner"](), "Europe/Berlin"))
    assert content["as_of"] == "2027-09-12T06:00:00+02:00" and content["as_of_on"] == "2027-09-12"
    assert content["contrasts"][0]["looks"][0]["as_of"] == "2027-06-05T06:00:00+02:00"
    assert content["contrasts"][0]["b"] == {"yes": 40, "of": 250, "share": 0.16}


def test_what_is_shown_is_a_function_of_the_comparison_alone(sample):
    again = SAMPLES[next(name for name, made in SAMPLES.items() if made() == sample)]()
    for shown in (comparison_page, lambda one: comparison_json(one, "UTC"), lambda one: comparison_text(one, 80)):
        assert shown(sample) == shown(again)


def test_the_order_of_a_mapping_does_not_change_a_byte():
    one = replace(SAMPLES["winner"](), not_randomised={"b": 1, "a": 2})
    other = replace(one, not_randomised={"a": 2, "b": 1})
    assert comparison_json(one, "UTC") == comparison_json(other, "UTC")
    assert comparison_page(one) == comparison_page(other) and comparison_text(one) == comparison_text(other)


def test_a_number_that_is_none_becomes_null():
    one = replace(SAMPLES["running"](), contrasts=())
    broken = replace(one.arms[0], expected=float("inf"), actions_per_unit=float("nan"))
    content = json.loads(comparison_json(replace(one, arms=(broken,)), "UTC"), parse_constant=pytest.fail)
    assert content["arms"][0]["expected"] is None and content["arms"][0]["actions_per_unit"] is None


def test_every_table_is_csv_with_raw_numbers_and_no_formula(sample):
    shown = tables(sample)
    assert [one.name for one in shown] == list(NAMES)
    for one in shown:
        rows = list(csv.DictReader(io.StringIO(comparison_csv(one, "UTC"))))
        assert len(rows) == len(one.rows)
        assert all(
            None not in row and not str(value).startswith(("=", "+", "@")) for row in rows for value in row.values()
        )


def test_csv_of_the_looks_has_the_numbers_behind_the_picture():
    shown = next(one for one in tables(SAMPLES["winner"]()) if one.name == "looks")
    rows = list(csv.DictReader(io.StringIO(comparison_csv(shown, "UTC"))))
    last = SAMPLES["winner"]().contrasts[1].looks[-1]
    assert float(rows[-1]["z"]) == pytest.approx(last.z) and float(rows[-1]["bound"]) == pytest.approx(last.bound)
    assert rows[-1]["b_yes"] == str(last.b.yes) and rows[-1]["on_as_of"].endswith("+00:00")


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_is_whole_and_has_nothing_from_elsewhere(sample):
    page = comparison_page(sample)
    seen = Seen(page)
    names = [tag for tag, _ in seen.tags]
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(names)
    given = {key for _, attrs in seen.tags for key in attrs}
    assert not {"src", "href", "xlink:href", "onload", "onclick", "style"} & given
    assert "http" not in page.replace("http-equiv", "")
    assert not re.search(r"url\((?!#)", page)
    policies = [attrs["content"] for tag, attrs in seen.tags if "http-equiv" in attrs]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    identities = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(identities) == len(set(identities))


def test_every_table_has_a_caption_and_names_its_rows_and_columns(sample):
    seen = Seen(comparison_page(sample)).tags
    counted = [sum(tag == name for tag, _ in seen) for name in ("table", "caption", "thead")]
    assert len(set(counted)) == 1
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in seen if tag == "th")


def test_every_picture_is_well_formed_and_named_in_words(sample):
    pictures = re.findall(r"<svg.*?</svg>", comparison_page(sample), re.S)
    assert len(pictures) >= 4
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        named = root.attrib["aria-labelledby"].split()
        assert root.attrib["role"] == "img"
        assert [child.attrib["id"] for child in root[:2]] == named
        assert all(child.text for child in root[:2])
        assert "nan" not in picture.lower().replace("nanc", "") and "inf," not in picture


def test_mature_look_and_boundary_are_explained_once_where_they_first_stand():
    page = comparison_page(SAMPLES["winner"]())
    for words in ("A deal is mature when the 180 days", "A look is one weekly count", "The boundary says how large z"):
        assert page.count(words) == 1
    assert page.index("A deal is mature") < page.index(">Mature<")


def test_what_is_no_evidence_says_so_on_every_figure_and_row():
    one = SAMPLES["observational"]()
    page = comparison_page(one)
    figures = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    assert len(figures) == 4 and all("No evidence" in figure for figure in figures)
    rows = re.findall(r"<tbody>(.*?)</tbody>", page, re.S)
    assert rows and all("no evidence" in row for body in rows for row in body.strip().split("\n"))
    for table in tables(one):
        assert all(
            row["evidence"] == "no evidence" for row in csv.DictReader(io.StringIO(comparison_csv(table, "UTC")))
        )
    told = comparison_text(one, 80).split("\n\n")
    for block in told[4:]:
        lines = block.splitlines()
        assert "no evidence" in block.lower(), lines[0]


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(lab):  # noqa: F811
    """Eight deals drawn."""
    lab.lose(*range(8))
    start(lab)
    lab.run("tick", "--now", LATER)
    return lab


def test_without_a_name_the_only_experiment_is_meant(begun):
    named = begun.run("compare", "timing", "--now", MUCH_LATER)
    alone = begun.run("compare", "--now", MUCH_LATER)
    assert named.code == 0 and named.out == alone.out and named.out.startswith("timing\n")
    assert "TOO EARLY TO TELL" in named.out


@pytest.mark.parametrize("form", ["text", "json", "html", "csv"])
def test_each_format_of_a_young_experiment_is_whole(begun, form):
    told = begun.run("compare", "--format", form, "--now", MUCH_LATER)
    assert told.code == 0 and told.out
    if form == "json":
        assert json.loads(told.out, parse_constant=pytest.fail)["arms"][0]["drawn"] == 4
    if form == "html":
        assert "<svg" in told.out


def test_the_ending_of_the_file_is_the_format(begun):
    for name, begins in (("x.html", "<!DOCTYPE"), ("x.json", "{"), ("x.csv", "arm,"), ("x.txt", "timing")):
        assert begun.run("compare", "--now", MUCH_LATER, "--output", str(begun.folder / name)).code == 0
        assert (begun.folder / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("command", [("compare",), ("report", "reasons")])
def test_an_ending_that_is_no_format_is_refused(begun, command):
    told = begun.run(*command, "--output", str(begun.folder / "t.pdf"), "--now", MUCH_LATER)
    assert told.code == 2 and "write .html, .csv, .json or .txt" in told.err
    assert not (begun.folder / "t.pdf").exists()
    for name in ("t.txt", "t.md", "t"):
        assert begun.run(*command, "--output", str(begun.folder / name), "--now", MUCH_LATER).code == 0


def test_what_is_recorded_after_the_day_changes_no_byte(begun):
    asked = ("compare", "timing", "--as-of", "2026-03-05", "--format", "json")
    before = begun.run(*asked, "--now", MUCH_LATER)
    assert before.code == 0
    begun.run("record", "N-1", "reply", "--field", "channel=phone", "--now", MUCH_LATER)
    begun.run("tick", "--now", MUCH_LATER)
    begun.lose(20, 21)
    begun.run("tick", "--now", "2026-03-20T10:00")
    assert begun.run(*asked, "--now", "2026-03-21T10:00").out == before.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("timming",), "did you mean timing?"),
        (("check-in",), "--observational"),
        (("timing", "--team", "wset"), "did you mean west?"),
        (("timing", "--as-of", "soon"), "write 2026-03-02"),
        (("timing", "--as-of", "2031-01-01"), "has not come yet"),
        (("timing", "--as-of", "2026-01-01"), "had not been started by then"),
        (("timing", "--table", "looks"), "--format csv"),
        (("timing", "--format", "csv", "--table", "loks"), "now it has arms"),
        (("timing", "check-in"), "one experiment at a time"),
        (("timing", "--seed", "3"), "--selftest"),
        (("timing", "--selftest"), "leave the name"),
        (("--selftest", "--format", "html"), "makes no page"),
        (("--observational", "check-in"), "two playbooks"),
        (("--observational", "check-in", "chekc-in"), "did you mean check-in?"),
    ],
)
def test_a_slip_is_told_with_what_to_write_instead(begun, arguments, told):
    answer = begun.run("compare", *arguments, "--now", MUCH_LATER)
    assert (answer.code, answer.out) == (2, "")
    assert told in answer.err


def test_before_the_start_it_says_how_to_start(lab):  # noqa: F811
    for arguments in ((), ("timing",)):
        told = lab.run("compare", *arguments)
        assert told.code == 2 and "playbook experiment start timing" in told.err


def test_playbooks_side_by_side_are_shown_as_no_evidence(begun):
    told = begun.run("compare", "--observational", "check-in", "slow", "--now", MUCH_LATER)
    assert told.code == 0, told.err
    assert told.out.split("\n\n")[1].startswith("NO EVIDENCE") and "no evidence" in told.out.split("\n\n")[-1]


def test_without_numpy_it_says_what_to_install(begun, monkeypatch):
    from engine.experiments import comparing
    from engine.experiments.statistics.recursion import LibraryMissing

    def missing(*_: object, **__: object) -> None:
        raise LibraryMissing

    monkeypatch.setattr(comparing, "compare", missing)
    told = begun.run("compare", "--now", MUCH_LATER)
    assert told.code == 2 and "numpy" in told.err and 'pip install ".[compare]"' in told.err


def test_help_does_not_import_numpy():
    asked = "import sys, cli; cli.run(['compare', '--help']); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False).returncode == 0


def test_the_self_test_prints_its_seed_and_fails_where_a_set_up_does(begun, monkeypatch):
    from engine.console import compare_selftest
    from engine.experiments import selftest

    monkeypatch.setattr(selftest, "QUICK", 4)
    monkeypatch.setattr(compare_selftest, "_STORED", 1)
    told = begun.run("compare", "--selftest", "--seed", "7")
    assert told.code in (0, 1) and "4 made experiments of each kind, seed 7." in told.out
    assert "1 of 1 experiments that were imported into a database" in " ".join(told.out.split())
    found = json.loads(begun.run("compare", "--selftest", "--seed", "7", "--format", "json").out)
    rows = found["setups"]
    assert found["in_databases"] == {"experiments": 1, "alike": 1}
    assert [row["setup"] for row in rows] == list(selftest.SETUPS)
    plain = " ".join(told.out.split())
    assert "(wanted: 3 to 6 %; ok where the range reaches it)" in plain and "(wanted: 94 to 97 %;" in plain
    assert told.code == (0 if all(row["passed"] for row in rows) else 1)
