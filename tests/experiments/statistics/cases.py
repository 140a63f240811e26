"""Reference cases with published answers, shared by the tests."""

from __future__ import annotations

from engine.experiments.statistics.incidence import Watched
from engine.experiments.statistics.results import Tally
from engine.experiments.statistics.strata import Stratum

# [B yes, B no], [A yes, A no]
Table = tuple[tuple[int, int], tuple[int, int]]

# R's datasets::UCBAdmissions, departments A to F; B are the men, A the women (Bickel, Hammel and O'Connell, 1975)
BERKELEY: tuple[Table, ...] = (
    ((512, 313), (89, 19)),
    ((353, 207), (17, 8)),
    ((120, 205), (202, 391)),
    ((138, 279), (131, 244)),
    ((53, 138), (94, 299)),
    ((22, 351), (24, 317)),
)
# Hillstrom's e-mail test (2008), metric visit, Mens E-Mail against no e-mail: Rural, Surburban, Urban
HILLSTROM: tuple[Table, ...] = (
    ((736, 2507), (482, 2657)),
    ((1647, 7854), (953, 8672)),
    ((1511, 7052), (827, 7715)),
)
# R's metafor::dat.bcg, thirteen trials of the BCG vaccine (Colditz et al., 1994): B vaccinated, A not
BCG: tuple[Table, ...] = (
    ((4, 119), (11, 128)),
    ((6, 300), (29, 274)),
    ((3, 228), (11, 209)),
    ((62, 13536), (248, 12619)),
    ((33, 5036), (47, 5761)),
    ((180, 1361), (372, 1079)),
    ((8, 2537), (10, 619)),
    ((505, 87886), (499, 87892)),
    ((29, 7470), (45, 7232)),
    ((17, 1699), (65, 1600)),
    ((186, 50448), (141, 27197)),
    ((5, 2493), (3, 2338)),
    ((27, 16886), (29, 17825)),
)
# Bone marrow transplants (Scrucca, Santucci and Aversa, 2007), all 35 patients: "time status", 0 is censored
_TRANSPLANTS = """
13 2, 1 1, 72 0, 7 2, 8 2, 67 0, 9 2, 5 2, 70 0, 4 0, 7 0, 68 0, 1 2, 10 2, 7 2, 3 1, 4 1, 4 1, 3 1, 3 1,
22 2, 8 1, 2 2, 0 2, 0 1, 35 0, 35 0, 4 2, 14 2, 26 2, 3 2, 2 0, 8 0, 32 0, 12 1
"""


def tally(yes: int, of: int) -> Tally:
    return Tally(yes=yes, of=of)


def strata(tables: tuple[Table, ...]) -> list[Stratum]:
    return [Stratum(b=tally(b[0], sum(b)), a=tally(a[0], sum(a))) for b, a in tables]


def watched(days: float, code: int) -> Watched:
    return Watched(days=days, ending=str(code) if code else "")


def transplants() -> list[Watched]:
    pairs = [pair.split() for pair in _TRANSPLANTS.replace("\n", " ").split(",")]
    return [watched(float(days), int(code)) for days, code in pairs]
