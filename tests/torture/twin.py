"""The uninterrupted twin: the story as it goes when nothing is killed, kept before and after each tick."""

import shutil
from collections import Counter
from pathlib import Path

import cli
from tests.torture import story
from tests.torture.killing import FINE_OR_PROBLEMS, arguments, passages, picture, tick, tick_without


class Twin:
    """`before[day]` are workspaces; `passed[day]` counts the passages of each point in the tick of that day."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.before: dict[int, Path] = {}
        self.passed: dict[int, Counter[str]] = {}
        self.codes: dict[int, int] = {}
        self._pictures: dict[tuple[int, frozenset[str], int], dict[str, list[str]]] = {}
        self._tell()

    def _tell(self) -> None:
        folder = story.make(self.home / "twin")
        for day in range(story.DAYS):
            story.between(day, folder)
            self.before[day] = self.copy(folder, f"before-{day}")
            counted = self.copy(folder, "counted")
            at = story.instant(day)
            self.passed[day] = passages(lambda: cli.run(arguments(counted, at)), self.home / "passages.json")  # noqa: B023
            self.codes[day] = tick(folder, at)
            assert self.codes[day] in FINE_OR_PROBLEMS, (folder / "output.txt").read_text()
            self._pictures[day, frozenset(), day] = picture(folder)

    def copy(self, folder: Path, name: str) -> Path:
        """A workspace of its own, made anew."""
        shutil.rmtree(self.home / name, ignore_errors=True)
        return Path(shutil.copytree(folder, self.home / name))

    def picture(self, day: int, deals: frozenset[str], last: int) -> dict[str, list[str]]:
        """What stands in the store after the tick of `last`, if `deals` were enrolled by the tick after that of `day`.

        A tick that is killed between queueing a deal and enrolling it leaves it to the next tick.
        """
        if not deals:
            return self._pictures[last, frozenset(), last]
        if (day, deals, last) not in self._pictures:
            folder = self.copy(self.before[day], "deferred")
            tick_without(folder, story.instant(day), deals)
            self._pictures[day, deals, day] = picture(folder)
            for later in range(day + 1, last + 1):
                story.between(later, folder)
                assert tick(folder, story.instant(later)) in FINE_OR_PROBLEMS
            self._pictures[day, deals, last] = picture(folder)
        return self._pictures[day, deals, last]
