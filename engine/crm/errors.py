"""Why a mapping or a whole export is refused: problems collected all at once, each with what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class MappingProblem:
    """One finding. `path` is the way to the key, e.g. ("deals", "columns", "Close Date"); empty for the file itself.

    `line` is what a mapping has to say below its section, ready to be copied; empty where that is not the cure.
    """

    path: tuple[str, ...] = ()
    message: str
    hint: str = ""
    line: str = ""

    def __str__(self) -> str:
        where = f"{' > '.join(self.path)}: " if self.path else ""
        return f"{where}{self.message}{'. ' + self.hint if self.hint else ''}"


class RefusalError(Exception):
    """Base of both refusals: `problems` holds all of them, `message` and `hint` are the first one's."""

    def __init__(self, *problems: MappingProblem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    @property
    def message(self) -> str:
        """What is wrong, of the first problem."""
        return self.problems[0].message

    @property
    def hint(self) -> str:
        """What to write instead, of the first problem; empty where there is no advice."""
        return self.problems[0].hint


class MappingError(RefusalError):
    """The mapping itself is wrong, whatever file it is used on."""


class ImportRefused(RefusalError):
    """This file cannot be read with this mapping without guessing, so nothing of it is taken."""
