from __future__ import annotations

import pytest

from engine.experiments.comparison import Comparison
from engine.experiments.observational import NO_EVIDENCE, as_experiment, observe
from tests.experiments.making import STARTS, at, records, unit, won


def observed(shares: dict[tuple[str, str], tuple[int, int]]) -> Comparison:
    units = [
        unit(f"{team}-{arm}-{n}", arm, n % 90, team=team, weights={}, happened=[("won", 3)] if n < yes else [])
        for (team, arm), (yes, of) in shares.items()
        for n in range(of)
    ]
    return observe(records(units, as_experiment(["late", "early"], won(), STARTS)), at(150))


SIMPSON = {
    ("hard", "late"): (1, 50),
    ("hard", "early"): (4, 200),
    ("easy", "late"): (60, 200),
    ("easy", "early"): (15, 50),
}


def test_whatever_the_numbers_say_it_is_no_evidence() -> None:
    found = observed({("west", "late"): (0, 200), ("west", "early"): (200, 200)})
    assert found.verdict.state == "not_evidence"
    assert found.verdict.words.startswith(NO_EVIDENCE)
    assert found.contrasts[0].difference.estimate == 1
    assert "100 points more" in found.verdict.words


def test_every_line_says_so() -> None:
    found = observed(SIMPSON)
    (contrast,) = found.contrasts
    assert all("no evidence" in text.lower() for text in (contrast.method, contrast.verdict.words, *found.remarks))
    assert all("no evidence" in text for one in contrast.teams for text in (one.reason, one.difference.method))
    assert contrast.crude is not None and "no evidence" in contrast.crude.method


def test_what_no_evidence_means_is_said_at_length_once() -> None:
    found = observed(SIMPSON)
    (contrast,) = found.contrasts
    said = [
        found.verdict.words,
        contrast.verdict.words,
        *found.remarks,
        *(team.verdict.words for team in contrast.teams),
    ]
    assert sum(text.count("somebody's choice") for text in said) == 1


def test_the_teams_are_said_to_be_those_of_today() -> None:
    assert any("Teams are those in which the deals are today" in remark for remark in observed(SIMPSON).remarks)


def test_the_difference_within_teams_stands_beside_the_crude_one() -> None:
    (contrast,) = observed(SIMPSON).contrasts
    assert contrast.difference.estimate == pytest.approx(0, abs=1e-9)
    assert contrast.crude is not None and contrast.crude.estimate == pytest.approx(19 / 250 - 61 / 250)
    assert "With all teams thrown together it is minus 16.8 points." in contrast.verdict.words


def test_playbooks_that_no_team_used_both_of_cannot_be_compared() -> None:
    found = observed({("west", "late"): (10, 50), ("east", "early"): (20, 50)})
    assert "No team has deals with both early and late" in found.verdict.words
    assert found.contrasts[0].difference.estimate is None
    assert found.contrasts[0].crude is not None and found.contrasts[0].crude.estimate == pytest.approx(0.2)


def test_it_takes_two_different_playbooks() -> None:
    for names in (["one"], ["one", "one"]):
        with pytest.raises(ValueError, match="two different playbooks"):
            as_experiment(names, won(), STARTS)
