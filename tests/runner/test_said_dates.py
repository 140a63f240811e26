import pytest

from engine.runner.said_dates import as_written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("27.11.2026", "2026-11-27"), ("7.1.2026", "2026-01-07"), ("27.11.2026 14:00", "2026-11-27T14:00"),
        (" 27.11.2026, 9:05 ", "2026-11-27T09:05"), ("2026-11-27", "2026-11-27"),
        ("2026-11-27 14:00", "2026-11-27T14:00"), ("2026-11-27T14:00:00Z", "2026-11-27T14:00:00Z"),
    ],
)  # fmt: skip
def test_a_date_with_points_is_the_day_before_the_month(said, written):
    assert as_written(said) == written


@pytest.mark.parametrize("said", ["next week", "27.11.26", "27/11/2026", "11-27-2026", "27.11.", "2bd", ""])
def test_what_may_mean_several_things_or_nothing_stays_as_it_was_said(said):
    assert as_written(said) == said
