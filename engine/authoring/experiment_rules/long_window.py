"""A metric that waits for more than two years.

A deal counts only when its time is over, so the first result comes after that time and not before. Most of what a
follow-up brings comes within half a year.

    primary: {event: won, within: 180d}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.authoring.experiment_rules.context import Context, metrics
from engine.core.building.findings import Finding
from engine.core.experiment import Experiment

_DRAWN, _TWO_YEARS_LATER = date(2025, 3, 1), date(2027, 3, 1)  # any two years without a leap day


def check(experiment: Experiment, context: Context) -> Iterator[Finding]:
    for path, metric in metrics(experiment):
        if metric.last_day(_DRAWN) > _TWO_YEARS_LATER:
            yield Finding(
                path=(*path, "within"),
                rule="long-window",
                message=f"the first result comes after {metric.within}: a deal counts only when its time is over",
                hint="write the time in which most of what can come has come, such as 180d",
                level="warning",
            )
