"""One event detail of every bookmaker, made up in its own shape, and where its JSON says what."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol

from overround.bookmakers import registry
from overround.bookmakers.base import InParts, joined
from overround.config import packaged_catalogue
from overround.simulator import simulators
from tests.bookmakers.sportpesa import bodies as sportpesa
from tests.support.price_source import FixedSource, simulated_events
from tests.support.simulated_ask import SimulatedAsk

BASE_URL = "http://127.0.0.1:1"
COUNTRIES = {"betika": "ke"}
SECONDS, ISO = 1_795_528_800, "2026-11-24T14:00:00Z"
Json = Any


class Shape(Protocol):
    """Edits of a decoded detail, in place. Home win is outcome "1" of 1X2; the total is over/under 2.5."""

    other_kickoffs: Sequence[object]  # how others write 14:00 UTC on 24 November 2026, and no time at all

    def price_home_win(self, event: Json, odds: object) -> None: ...
    def rename_home_win(self, event: Json) -> None:
        """Give it an outcome id that nobody knows."""
        ...

    def move_total(self, event: Json, line: str) -> None: ...
    def repeat_over(self, event: Json) -> None:
        """Let the total's Over stand a second time, at 7.77."""
        ...

    def kick_off(self, event: Json, at: object) -> None: ...


class FactsCenter:
    """SportyBet and MSport: a list of markets, one object per line."""

    other_kickoffs = (SECONDS, ISO, 10**17, None)

    def __init__(self, specifier: str, kickoff: str) -> None:
        self.specifier, self.kickoff = specifier, kickoff

    def price_home_win(self, event: Json, odds: object) -> None:
        self._market(event, "1")["outcomes"][0]["odds"] = odds

    def rename_home_win(self, event: Json) -> None:
        self._market(event, "1")["outcomes"][0]["id"] = "987654"

    def move_total(self, event: Json, line: str) -> None:
        self._market(event, "18", "total=2.5")[self.specifier] = f"total={line}"

    def repeat_over(self, event: Json) -> None:
        total = self._market(event, "18", "total=2.5")
        over, *others = total["outcomes"]
        event["data"]["markets"].append(total | {"outcomes": [over | {"odds": "7.77"}, *others]})

    def kick_off(self, event: Json, at: object) -> None:
        event["data"][self.kickoff] = at

    def _market(self, event: Json, market_id: str, specifier: str = "") -> Json:
        return next(
            market
            for market in event["data"]["markets"]
            if (str(market["id"]), market.get(self.specifier) or "") == (market_id, specifier)
        )


class BetPawa:
    """Market types with display rows; a row's handicap is the line x 4."""

    other_kickoffs = ("2026-11-24 14:00", "2026-11-24T14:00:00", "24.11.2026", SECONDS, None)

    def price_home_win(self, event: Json, odds: object) -> None:
        self._rows(event, "3743")[0]["prices"][0]["odds"] = odds

    def rename_home_win(self, event: Json) -> None:
        self._rows(event, "3743")[0]["prices"][0]["name"] = "987654"

    def move_total(self, event: Json, line: str) -> None:
        self._total(event)["handicap"] = line

    def repeat_over(self, event: Json) -> None:
        over = self._total(event)["prices"][0]
        self._total(event)["prices"].append(over | {"odds": 7.77})

    def kick_off(self, event: Json, at: object) -> None:
        event["startTime"] = at

    def _rows(self, event: Json, market_id: str) -> Json:
        return next(group["row"] for group in event["markets"] if group["marketType"]["id"] == market_id)

    def _total(self, event: Json) -> Json:
        return next(row for row in self._rows(event, "5000") if row["handicap"] == 10)


class Bet9ja:
    """One flat object of keys; a line stands under two ids when half and whole lines are mixed up."""

    other_kickoffs = ("24.11.2026 14:00", "2026-11-24", "2026-13-24 14:00:00", SECONDS, None)

    def price_home_win(self, event: Json, odds: object) -> None:
        event["D"]["O"]["S_1X2_1"] = odds

    def rename_home_win(self, event: Json) -> None:
        event["D"]["O"]["S_1X2_987654"] = event["D"]["O"].pop("S_1X2_1")

    def move_total(self, event: Json, line: str) -> None:
        odds = event["D"]["O"]
        for side in "OU":
            odds[f"S_OU@{line}_{side}"] = odds.pop(f"S_OU@2.5_{side}")

    def repeat_over(self, event: Json) -> None:
        event["D"]["O"]["S_OUA@2.5_O"] = "7.77"

    def kick_off(self, event: Json, at: object) -> None:
        event["D"]["STARTDATE"] = at


class Betway:
    """A header and pages: markets, outcomes and prices apart, joined by ids that hold each other."""

    other_kickoffs = (SECONDS * 1000, ISO, 10**17, None)

    def price_home_win(self, event: Json, odds: object) -> None:
        _one(event[1]["prices"], "outcomeId", self._id(event, "11"))["priceDecimal"] = odds

    def rename_home_win(self, event: Json) -> None:
        for rows in (event[1]["outcomes"], event[1]["prices"]):
            _one(rows, "outcomeId", self._id(event, "11"))["outcomeId"] = self._id(event, "1987654")

    def move_total(self, event: Json, line: str) -> None:
        before, after = self._id(event, "18total=2.5~"), self._id(event, f"18total={line}~")
        event[1] = json.loads(json.dumps(event[1]).replace(before, after))

    def repeat_over(self, event: Json) -> None:
        over = _one(event[1]["prices"], "outcomeId", self._id(event, "18total=2.5~12"))
        event[1]["prices"].append(over | {"priceDecimal": 7.77})

    def kick_off(self, event: Json, at: object) -> None:
        event[0]["sportEvent"]["expectedStartEpoch"] = at

    def _id(self, event: Json, rest: str) -> str:
        return f"{event[0]['sportEvent']['eventId']}{rest}"


class Betika:
    """Answers by market type; the outcomes of all lines in one list."""

    other_kickoffs = ("2026-11-24T17:00:00", "24.11.2026 17:00:00", "2026-13-24 17:00:00", SECONDS, None)

    def price_home_win(self, event: Json, odds: object) -> None:
        self._odds(event, "1")[0]["odd_value"] = odds

    def rename_home_win(self, event: Json) -> None:
        self._odds(event, "1")[0]["outcome_id"] = "987654"

    def move_total(self, event: Json, line: str) -> None:
        for odd in self._odds(event, "18"):
            if odd["special_bet_value"] == "total=2.5":
                odd["special_bet_value"] = f"total={line}"

    def repeat_over(self, event: Json) -> None:
        odds = self._odds(event, "18")
        odds.append(_one(odds, "special_bet_value", "total=2.5") | {"odd_value": "7.77"})

    def kick_off(self, event: Json, at: object) -> None:
        for answer in event:
            answer["data"][0]["start_time"] = at

    def _odds(self, event: Json, sub_type_id: str) -> Json:
        types = [each for answer in event for match in answer["data"] for each in match["odds"]]
        return _one(types, "sub_type_id", sub_type_id)["odds"]


class SportPesa:
    """A game, and its markets by short outcome names."""

    other_kickoffs = (SECONDS, ISO, 10**17, None)

    def price_home_win(self, event: Json, odds: object) -> None:
        self._market(event, 10)["selections"][0]["odds"] = odds

    def rename_home_win(self, event: Json) -> None:
        self._market(event, 10)["selections"][0]["shortName"] = "987654"

    def move_total(self, event: Json, line: str) -> None:
        total = self._market(event, 52)
        for part in (total, *total["selections"]):
            part["specValue"] = line

    def repeat_over(self, event: Json) -> None:
        selections = self._market(event, 52)["selections"]
        selections.append(selections[0] | {"odds": "7.77"})

    def kick_off(self, event: Json, at: object) -> None:
        event[0][0]["dateTimestamp"] = at

    def _market(self, event: Json, market_id: int) -> Json:
        return _one(event[1]["501"], "id", market_id)


SHAPES: dict[str, Shape] = {
    "betpawa": BetPawa(),
    "sportybet": FactsCenter("specifier", "estimateStartTime"),
    "bet9ja": Bet9ja(),
    "msport": FactsCenter("specifiers", "startTime"),
    "betway": Betway(),
    "betika": Betika(),
    "sportpesa": SportPesa(),
}


def detail(code: str) -> Json:
    """Return a decoded detail with 1X2, double chance and several totals, nothing wrong in it."""
    return json.loads(_made_up() if code == "sportpesa" else asyncio.run(_simulated(code)))


def _made_up() -> bytes:
    return sportpesa.detail(
        sportpesa.market(10, 0, {"1": "2.41", "X": "3.29", "2": "3.02"}),
        sportpesa.market(46, 0, {"1X": "1.39", "X2": "1.56", "12": "1.34"}),
        sportpesa.market(52, "2.50", {"OV": "1.89", "UN": "1.91"}),
    )


async def _simulated(code: str) -> bytes:
    client = registry.create(code, packaged_catalogue(), BASE_URL, COUNTRIES.get(code, "ng"))
    simulator = simulators.create((code,))[code]
    source = FixedSource(simulated_events(1, simulator.own_id))
    ask, event_id = SimulatedAsk(simulator, source), source.listed[0].event_id
    parts = [await ask(client.event_request(event_id))]
    if not isinstance(client, InParts):
        return parts[0]
    while request := client.further_request(event_id, parts):
        parts.append(await ask(request))
    return joined(parts)


def _one(rows: Json, field: str, value: object) -> Json:
    return next(row for row in rows if row[field] == value)
