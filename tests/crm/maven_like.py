"""Writes an export with the shape and quirks of a well-known practice set, from invented names; every count is known.

CRLF, no account on most open deals, no close date on any of them, a product key spelt without its space, a misspelt
industry, value 0 on every lost deal, look-alike lost deals with different ids, agents without deals.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

WHOLE = 8_800
STAGES = {"Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500}
LOST_BY_OFFICE = {"North": 975, "Coast": 811, "Hills": 687}
TYPO, KEY = "XTRPro", "XTR Pro"
TYPO_ROWS, TYPO_LOST = 1_480, 418
WITHOUT_ACCOUNT = 1_425
IDLE_AGENTS = 5
PRODUCTS = {
    "XTR Basic": 540,
    KEY: 4_790,
    "Lumen Special": 60,
    "Lumen Advanced": 3_390,
    "XTR Plus": 1_090,
    "XTR Plus Pro": 5_470,
    "Quarry 500": 26_700,
}
SECTORS = ("retail", "medical", "software", "finance", "marketing", "telecom", "services", "leisure", "employment")
FIRST = ("Ada", "Bela", "Cleo", "Dario", "Edda", "Fritz", "Greta", "Hugo", "Ines", "Jarek", "Kaja", "Levi")
LAST = ("Abel", "Brand", "Castell", "Dorn", "Ekberg", "Falk", "Gruber", "Hartog", "Ivers", "Jolie")
SYLLABLES = (
    "bri",
    "dal",
    "fen",
    "gor",
    "hul",
    "kim",
    "lor",
    "mav",
    "nex",
    "pol",
    "quo",
    "ras",
    "sul",
    "tev",
    "vor",
    "zan",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What a correct reading of the written files gives. Money in whole units."""

    rows: int
    won: int
    lost: int
    open: int
    lost_by_office: dict[str, int]
    without_account: int
    typo_rows: int
    typo_lost: int
    lost_list_price: int
    idle_agents: tuple[str, ...]
    look_alikes: tuple[tuple[str, str], ...]


Row = dict[str, str]


def write_export(folder: Path, deals: int = WHOLE, seed: int = 7) -> Expected:
    """Write sales_pipeline.csv and its three side files into the folder; `deals` scales every count."""
    chance = random.Random(seed)
    accounts = _accounts(chance)
    agents = _agents()
    idle = tuple(agents[-IDLE_AGENTS:])
    offices = {agent: list(LOST_BY_OFFICE)[position % 3] for position, agent in enumerate(agents)}
    rows = _rows(chance, deals, [agent for agent in agents if agent not in idle], offices, accounts)
    pairs = _make_look_alikes(rows)
    typo = _misspell(rows, deals)
    lost = [row for row in rows if row["deal_stage"] == "Lost"]
    price = sum(PRODUCTS[KEY if row["product"] == TYPO else row["product"]] for row in lost)
    chance.shuffle(rows)
    _write(folder / "sales_pipeline.csv", rows)
    _write(folder / "accounts.csv", [_account(position, name) for position, name in enumerate(accounts)])
    _write(folder / "products.csv", [{"product": name, "sales_price": str(each)} for name, each in PRODUCTS.items()])
    _write(
        folder / "sales_teams.csv",
        [
            {"sales_agent": agent, "manager": f"{FIRST[place % 6]} Vogt", "regional_office": offices[agent]}
            for place, agent in enumerate(agents)
        ],
    )
    return Expected(
        rows=len(rows),
        won=sum(row["deal_stage"] == "Won" for row in rows),
        lost=len(lost),
        open=sum(row["close_date"] == "" for row in rows),
        lost_by_office={
            office: sum(offices[row["sales_agent"]] == office for row in lost) for office in LOST_BY_OFFICE
        },
        without_account=sum(row["account"] == "" for row in rows),
        typo_rows=typo[0],
        typo_lost=typo[1],
        lost_list_price=price,
        idle_agents=idle,
        look_alikes=pairs,
    )


def _scaled(count: int, deals: int) -> int:
    return round(count * deals / WHOLE)


def _accounts(chance: random.Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < 85:
        names["".join(chance.sample(SYLLABLES, 3)).capitalize()] = None
    return list(names)


def _agents() -> list[str]:
    return [f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}" for number in range(35)]


def _account(position: int, name: str) -> Row:
    sector = "sofware" if position == 0 else SECTORS[position % len(SECTORS)]
    country = "Norwey" if position == 1 else ("United States" if position % 6 else "Kenya")
    return {"account": name, "sector": sector, "office_location": country}


def _rows(
    chance: random.Random, deals: int, agents: list[str], offices: dict[str, str], accounts: list[str]
) -> list[Row]:
    counts = {stage: _scaled(count, deals) for stage, count in STAGES.items()}
    counts["Engaging"] = deals - counts["Won"] - counts["Lost"] - counts["Prospecting"]
    office_of_lost = [office for office, count in LOST_BY_OFFICE.items() for _ in range(_scaled(count, deals))]
    nameless = _scaled(WITHOUT_ACCOUNT, deals)
    rows: list[Row] = []
    for stage, count in counts.items():
        for number in range(count):
            office = office_of_lost[number % len(office_of_lost)] if stage == "Lost" else ""
            agent = chance.choice([agent for agent in agents if not office or offices[agent] == office])
            rows.append(_row(chance, len(rows), stage, agent, chance.choice(accounts)))
    still_open = [row for row in rows if row["close_date"] == ""]
    for row in chance.sample(still_open, min(nameless, len(still_open))):
        row["account"] = ""
    return rows


def _row(chance: random.Random, number: int, stage: str, agent: str, account: str) -> Row:
    engaged = date(2017, 1, 1) + timedelta(days=chance.randrange(300))
    closed = engaged + timedelta(days=chance.randrange(1, 140))
    product = chance.choice(list(PRODUCTS))
    is_closed = stage in ("Won", "Lost")
    return {
        "opportunity_id": f"{'ABCDEFGHJK'[number % 10]}{number:05d}{'XYZ'[number % 3]}Q",
        "sales_agent": agent,
        "product": product,
        "account": account,
        "deal_stage": stage,
        "engage_date": "" if stage == "Prospecting" else engaged.isoformat(),
        "close_date": closed.isoformat() if is_closed else "",
        "close_value": str(PRODUCTS[product] - chance.randrange(40))
        if stage == "Won"
        else "0"
        if stage == "Lost"
        else "",
    }


def _make_look_alikes(rows: list[Row]) -> tuple[tuple[str, str], ...]:
    """Two pairs of lost deals that differ by nothing but their ids; the office stays the same, so the counts hold."""
    pairs = []
    lost = [row for row in rows if row["deal_stage"] == "Lost"]
    for first, second in ((lost[0], lost[1]), (lost[-1], lost[-2])):
        second.update({key: value for key, value in first.items() if key != "opportunity_id"})
        pairs.append((first["opportunity_id"], second["opportunity_id"]))
    return tuple(pairs)


def _misspell(rows: list[Row], deals: int) -> tuple[int, int]:
    """Exactly the wanted number of rows with the misspelt product, all others without that product."""
    lost = [row for row in rows if row["deal_stage"] == "Lost"]
    others = [row for row in rows if row["deal_stage"] != "Lost"]
    of_lost = _scaled(TYPO_LOST, deals)
    of_others = _scaled(TYPO_ROWS, deals) - of_lost
    for group, wanted in ((lost[2:-2], of_lost), (others, of_others)):
        for place, row in enumerate(group):
            if place < wanted:
                row["product"] = TYPO
            elif row["product"] == KEY:
                row["product"] = "XTR Plus"
    return of_lost + of_others, of_lost


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
