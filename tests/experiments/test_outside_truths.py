"""Published cases through `compare` itself: see tests/experiments/statistics for the arithmetic alone."""

from __future__ import annotations

import pytest

from engine.core.shares import points
from engine.experiments.comparing import compare
from engine.experiments.comparison import Comparison
from engine.experiments.records import Unit
from engine.experiments.statistics.results import Tally
from tests.experiments.making import at, experiment, records, unit
from tests.experiments.statistics.cases import BERKELEY

END = at(400)
# Hillstrom's e-mail test (2008), metric visit: (visits, customers) by arm, here of every tenth customer
HILLSTROM = {"none": (226, 2131), "mens": (389, 2131), "womens": (324, 2139)}


def drawn(team: str, arm: str, yes: int, of: int, weights: dict[str, float]) -> list[Unit]:
    return [
        unit(
            f"{team}-{arm}-{n}",
            arm,
            n * 180 // of,
            team=team,
            weights=weights,
            happened=[("won", 1)] if (n + 1) * yes // of > n * yes // of else [],
        )
        for n in range(of)
    ]


@pytest.fixture(scope="module")
def berkeley() -> Comparison:
    """Departments are teams; each admits women (the control, a) and men (b) in other numbers."""
    found = []
    for department, (b, a) in zip("ABCDEF", BERKELEY, strict=True):
        weights = {"a": float(sum(a)), "b": float(sum(b))}
        found += drawn(department, "b", b[0], sum(b), weights) + drawn(department, "a", a[0], sum(a), weights)
    return compare(records(found, experiment("a", "b")), END)


def test_berkeley_has_no_winner_where_the_plain_shares_are_far_apart(berkeley: Comparison) -> None:
    (contrast,) = berkeley.contrasts
    assert berkeley.verdict.state == "inconclusive"
    assert (contrast.b, contrast.a) == (Tally(yes=1198, of=2691), Tally(yes=557, of=1835))
    assert contrast.crude is not None and contrast.crude.estimate == pytest.approx(0.445188 - 0.303542, abs=1e-6)
    assert contrast.difference.estimate == pytest.approx(-0.01842520, abs=1e-8)
    assert contrast.looks[-1].z == pytest.approx(-(1.524607**0.5), abs=1e-6)
    assert contrast.final is not None and contrast.final.low is not None and contrast.final.high is not None
    assert contrast.final.estimate == contrast.difference.estimate
    sato = 1.959964 * 0.01482539  # see statistics/test_strata.py; with so many the score range is all but that
    ends = contrast.final.low - contrast.difference.estimate, contrast.final.high - contrast.difference.estimate
    assert ends == pytest.approx((-sato, sato), abs=5e-4)


def test_berkeley_s_departments_differ_and_that_is_said(berkeley: Comparison) -> None:
    (contrast,) = berkeley.contrasts
    assert contrast.homogeneity is not None
    assert contrast.homogeneity.statistic == pytest.approx(18.8255, abs=1e-4)
    assert contrast.homogeneity.p == pytest.approx(0.002071, abs=1e-6)
    assert contrast.teams_differ
    assert any("read the teams one by one" in remark for remark in berkeley.remarks)


def test_berkeley_s_percentages_in_words_agree_with_the_difference(berkeley: Comparison) -> None:
    assert "as if each team had the same part in both arms" in berkeley.verdict.words
    assert berkeley.contrasts[0].difference.estimate is not None
    assert points(berkeley.contrasts[0].difference.estimate) == "1.8 points"


def test_both_of_hillstrom_s_e_mails_win_and_the_better_one_is_the_best() -> None:
    weights = dict.fromkeys(HILLSTROM, 1.0)
    units = [one for arm, (yes, of) in HILLSTROM.items() for one in drawn("all", arm, yes, of, weights)]
    found = compare(records(units, experiment(*HILLSTROM)), END)
    mens, womens = found.contrasts
    assert (found.verdict.state, found.verdict.arm, found.verdict.arms) == ("winner", "mens", ("mens", "womens"))
    assert mens.difference.estimate == pytest.approx(0.0766, abs=5e-4)
    assert womens.difference.estimate == pytest.approx(0.0452, abs=5e-4)
    assert found.mismatches[0].p == pytest.approx(0.99, abs=0.02)


def test_six_hundred_against_four_hundred_is_no_even_draw() -> None:
    """Wikipedia, "Sample ratio mismatch": chi-square 40, p 2.54e-10."""
    weights = {"old": 1.0, "new": 1.0}
    units = drawn("w", "old", 60, 600, weights) + drawn("w", "new", 40, 400, weights)
    found = compare(records(units), END)
    assert (found.verdict.state, found.mismatches[0].statistic) == ("invalid", pytest.approx(40))
    assert found.mismatches[0].p == pytest.approx(2.54e-10, rel=1e-2)
