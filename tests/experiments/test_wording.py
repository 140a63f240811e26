from __future__ import annotations

import pytest

from engine.core.durations import parse_duration
from engine.core.experiment import Metric
from engine.experiments.statistics.results import Interval
from engine.experiments.wording import Subject, listed, metric_words, percent, points, signed, span


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.098, "9.8 %"), (0.05, "5 %"), (0, "0 %"), (1, "100 %"), (0.0001, "under 0.1 %"), (0.99999, "over 99.9 %")],
)
def test_a_share_is_never_rounded_up_to_all_or_down_to_nothing(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.047, "4.7 points"), (-0.047, "4.7 points"), (0.01, "1 point"), (0.0001, "under 0.1 points")],
)
def test_a_difference_is_told_in_points(difference: float, words: str) -> None:
    assert points(difference) == words


def test_a_range_keeps_its_signs_and_has_no_minus_zero() -> None:
    assert span(Interval(level=0.95, method="", low=-0.012, high=0.081)) == "between -1.2 and 8.1 points"
    assert signed(-0.0001) == "0"
    assert span(Interval(level=0.95, method="")) == ""


@pytest.mark.parametrize(
    ("event", "within", "words", "over"),
    [
        ("won", "180d", "were won back within 180 days", "whose 180 days are over"),
        ("reply", "1w", "replied within 1 week", "whose week is over"),
        ("answered.debrief", "2mo", 'had "answered.debrief" within 2 months', "whose 2 months are over"),
    ],
)
def test_a_metric_is_told_as_what_deals_did(event: str, within: str, words: str, over: str) -> None:
    metric = Metric(event=event, within=parse_duration(within))
    assert metric_words(metric) == words
    assert Subject(arm="b", control="a", metric=metric, unit="deal").over == over


def test_names_in_a_row() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
