from __future__ import annotations

import pytest

from engine.core.durations import parse_duration
from engine.core.experiment import Metric
from engine.experiments.statistics.results import Interval
from engine.experiments.wording import Subject, listed, metric_words, span


def test_a_range_keeps_its_signs_however_near_zero_it_ends() -> None:
    assert span(Interval(level=0.95, method="", low=-0.012, high=0.081)) == "between −1.2 and 8.1 points"
    assert span(Interval(level=0.95, method="", low=0.0002, high=0.081)) == "between 0.02 and 8.1 points"
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
