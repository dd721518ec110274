"""
How much of captured answers is mapped, how much of it compares with BetPawa, and what parsing costs.

`python -m benchmarks.mapping --payloads DIR [--json]` reads any folder in the layout DIR/<bookmaker>/*.json: files
with the same Sportradar id are one event. Without options it also judges the shared match and times parsing.
"""

import argparse
import gc
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
import xxhash
from rich.console import Console
from rich.table import Table

from benchmarks.report import Figure, report
from overround.bookmakers import registry
from overround.bookmakers.base import Bookmaker, ParsedEvent
from overround.bookmakers.bet9ja import wire as bet9ja_wire
from overround.bookmakers.betpawa import wire as betpawa_wire
from overround.bookmakers.sportybet import wire as sportybet_wire
from overround.clock import SystemClock
from overround.config import BOOKMAKERS, REFERENCE, packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.diff import diff
from overround.domain.markets import Markets, ParsedMarket
from overround.domain.roster import Roster
from overround.domain.sanity import Sanity
from overround.domain.settle import settle
from overround.errors import BookmakerError

PAYLOADS = Path(__file__).parents[2] / "shared" / "payloads"
SHARED_MATCH = "68995116"  # captured at five bookmakers on the same day
FAR = math.log(1.42)  # prices further apart than this are two markets, a cap or a mistake
LONG_MILLI = 15_000  # from here on prices are caps and guesses, and differ as such
CAPS_MILLI = (1_010, 1_001)  # the shortest prices that anyone writes

# share of BetPawa's outcomes without players that must have an equal-meaning quote; share mapped at all
COMPARABLE_BARS = {"sportybet": 0.984, "bet9ja": 0.84, "msport": 0.98}
MAPPED_BARS = {"sportybet": 0.75, "bet9ja": 0.80, "msport": 0.99, "betway": 0.93}
# Genuine differences, read off the page of the site: docs/bookmakers/bet9ja.md names them.
EXPLAINED = {"bet9ja": 5}

Outcome = tuple[str, str, str]  # market id, line, outcome name
Prices = dict[Outcome, int]


class Row(msgspec.Struct, frozen=True):
    """One event at one bookmaker: outcomes with a price, players apart."""

    sportradar_id: str
    bookmaker: str
    sport: str
    file: str
    offered: int  # mapped and unmapped
    mapped: int
    mapped_without_players: int
    unmapped_without_players: int
    comparable: int  # of BetPawa's outcomes, those that this bookmaker prices too
    comparable_without_players: int
    of_reference: int  # BetPawa's outcomes with a price
    of_reference_without_players: int
    differing: int  # quotes that differ from BetPawa's by more than 42 %, caps and long prices apart
    differing_quotes: list[str]


class Captured(msgspec.Struct, frozen=True):
    """One answer that could be read as an event detail."""

    bookmaker: str
    file: str
    body: bytes
    event: ParsedEvent


def captured(folder: Path, catalogue: Catalogue) -> Iterator[Captured]:
    """Yield every event detail below the folder; answers of another kind are passed over."""
    for code in BOOKMAKERS:
        bookmaker = registry.create(code, catalogue)
        for file in sorted((folder / code).glob("*.json")):
            body = file.read_bytes()
            try:
                event = bookmaker.parse_event(body)
            except BookmakerError:
                continue
            if event.markets:
                yield Captured(code, file.name, body, event)


def rows(answers: Iterable[Captured], catalogue: Catalogue) -> Iterator[Row]:
    """Yield the coverage of every event and bookmaker, the reference first."""
    events: dict[str, list[Captured]] = {}
    for answer in answers:
        events.setdefault(answer.event.sportradar_id or f"{answer.bookmaker}/{answer.file}", []).append(
            answer
        )
    for sportradar_id, at in events.items():
        roster = Roster(list)
        reference: Prices = {}
        for answer in at:  # in the order of BOOKMAKERS, so BetPawa's names come first
            joined = roster.join(answer.bookmaker, answer.event.markets.values())
            prices = open_prices(joined.markets.values())
            if answer.bookmaker == REFERENCE:
                reference = prices
            yield _row(sportradar_id, answer, prices, reference, catalogue)


def open_prices(markets: Iterable[ParsedMarket]) -> Prices:
    """Return the price of every open outcome."""
    return {
        (market.key.market_id, market.key.line, name): odds
        for market in markets
        for position, (name, odds) in enumerate(zip(market.names, market.odds_milli, strict=True))
        if odds and not market.suspended >> position & 1
    }


def _row(
    sportradar_id: str, answer: Captured, prices: Prices, reference: Prices, catalogue: Catalogue
) -> Row:
    sport = answer.event.sport
    players = {kind.id for kind in catalogue.types if kind.sport == sport and kind.names_players}
    by_their_id = {
        their_id for (of, their_id), fed in catalogue.rules(answer.bookmaker).items()
        if of == sport and any(kind.names_players for kind, _ in fed)
    }  # fmt: skip
    unmapped = sum(gap.outcomes for gap in answer.event.unmapped)
    unmapped_players = sum(gap.outcomes for gap in answer.event.unmapped if gap.id in by_their_id)
    common = reference.keys() & prices.keys()
    differing = [
        f"{' '.join(key)}: {prices[key] / 1000:g} v {reference[key] / 1000:g}"
        for key in sorted(common)
        if _is_far(prices[key], reference[key])
    ]
    return Row(
        sportradar_id=sportradar_id,
        bookmaker=answer.bookmaker,
        sport=sport,
        file=answer.file,
        offered=len(prices) + unmapped,
        mapped=len(prices),
        mapped_without_players=sum(key[0] not in players for key in prices),
        unmapped_without_players=unmapped - unmapped_players,
        comparable=len(common),
        comparable_without_players=sum(key[0] not in players for key in common),
        of_reference=len(reference),
        of_reference_without_players=sum(key[0] not in players for key in reference),
        differing=len(differing),
        differing_quotes=differing,
    )


def _is_far(one: int, other: int) -> bool:
    if max(one, other) >= LONG_MILLI or min(one, other) in CAPS_MILLI:
        return False
    return abs(math.log(one / other)) > FAR


def print_table(found: Iterable[Row], to: Console) -> None:
    """Print one line per event and bookmaker."""
    table = Table(
        "event", "bookmaker", "file", "offered", "mapped", "%", "comparable", "of BetPawa", "%", "> 42 %"
    )
    for row in found:
        table.add_row(
            row.sportradar_id,
            row.bookmaker,
            row.file,
            str(row.offered),
            str(row.mapped),
            _percent(row.mapped, row.offered),
            str(row.comparable),
            str(row.of_reference),
            _percent(row.comparable, row.of_reference),
            str(row.differing),
        )
    to.print(table)


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def match_figures(found: Iterable[Row]) -> Iterator[Figure]:
    """Yield the bars of the shared match and of the football payloads."""
    for row in found:
        if row.sportradar_id == SHARED_MATCH and row.bookmaker in COMPARABLE_BARS:
            share = row.comparable_without_players / row.of_reference_without_players
            yield Figure(
                f"BetPawa's outcomes also at {row.bookmaker}",
                share,
                "share",
                COMPARABLE_BARS[row.bookmaker],
                "at least",
            )
            unexplained = max(0, row.differing - EXPLAINED.get(row.bookmaker, 0))
            yield Figure(f"unexplained > 42 % apart, {row.bookmaker}", unexplained, "quotes", 0)
        if row.sport == "football" and row.bookmaker in MAPPED_BARS:
            outcomes = row.mapped_without_players + row.unmapped_without_players
            yield Figure(
                f"mapped, {row.bookmaker} {row.file}",
                row.mapped_without_players / outcomes,
                "share",
                MAPPED_BARS[row.bookmaker],
                "at least",
            )


# --- what parsing costs -----------------------------------------------------------------------------------------


def bare_decoders() -> dict[str, Callable[[bytes], object]]:
    """Return per bookmaker a typed decode of a detail and nothing else: the floor of any parser."""
    betpawa = msgspec.json.Decoder(betpawa_wire.Event)
    sportybet = msgspec.json.Decoder(sportybet_wire.Detail)
    bet9ja, odds = msgspec.json.Decoder(bet9ja_wire.DetailAnswer), msgspec.json.Decoder(dict[str, str])

    def decode_bet9ja(body: bytes) -> object:
        answer = bet9ja.decode(body)
        return odds.decode(answer.data.odds) if isinstance(answer.data, bet9ja_wire.Detail) else None

    return {"betpawa": betpawa.decode, "sportybet": sportybet.decode, "bet9ja": decode_bet9ja}


def cost_figures(answers: Iterable[Captured], catalogue: Catalogue) -> Iterator[Figure]:
    """Yield what an event of the shared match costs, unchanged and with every price moved, against a bare decode."""
    bare = bare_decoders()
    sanity, at = Sanity(catalogue), SystemClock().now()
    for answer in answers:
        if answer.event.sportradar_id != SHARED_MATCH or answer.bookmaker not in bare:
            continue
        bookmaker, body = registry.create(answer.bookmaker, catalogue), answer.body
        old = settle({}, map(_moved, answer.event.markets.values()), at)
        floor_s, changed_s, hash_s = best_each(
            partial(bare[answer.bookmaker], body),
            partial(_taken, bookmaker, body, old, sanity, at),
            partial(xxhash.xxh3_64_intdigest, body),
        )
        yield Figure(f"changed event, {answer.bookmaker}", changed_s / floor_s, "x bare decode", 3.5)
        yield Figure(f"unchanged event (hash), {answer.bookmaker}", hash_s / floor_s, "x bare decode", 0.05)


def same_twice_figure(answers: Iterable[Captured], catalogue: Catalogue) -> Figure:
    """Return how many markets differ between two readings of one body, over all of them."""
    at, changes = SystemClock().now(), 0
    for answer in answers:
        again = registry.create(answer.bookmaker, catalogue).parse_event(answer.body)
        before = settle({}, answer.event.markets.values(), at)
        changes += len(diff(before, settle(before, again.markets.values(), at)))
    return Figure("changes when a body is read twice, all payloads", changes, "markets", 0)


def best_each(*works: Callable[[], object], rounds: int = 100) -> list[float]:
    """Return the shortest of many runs of each, in turns: other processes disturb all of them alike."""
    gc.collect()
    best = [math.inf] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def _taken(bookmaker: Bookmaker, body: bytes, old: Markets, sanity: Sanity, at: datetime) -> int:
    event = bookmaker.parse_event(body)
    new = sanity.review(event.sport, old, settle(old, event.markets.values(), at, None, event.doubtful), at)
    return len(diff(old, new))


def _moved(market: ParsedMarket) -> ParsedMarket:
    """Return the market with another price at every outcome."""
    odds = tuple(price and price + 10 for price in market.odds_milli)
    return msgspec.structs.replace(market, odds_milli=odds)


def main() -> None:
    options = argparse.ArgumentParser(description="Coverage of captured answers.")
    options.add_argument(
        "--payloads", type=Path, default=Path(os.environ.get("OVERROUND_PAYLOADS") or PAYLOADS)
    )
    options.add_argument("--json", action="store_true", help="print the coverage as JSON and measure nothing")
    chosen = options.parse_args()
    if not chosen.payloads.is_dir():
        sys.exit(f"{chosen.payloads} is no folder: give --payloads the folder that holds <bookmaker>/*.json")
    catalogue = packaged_catalogue()
    answers = list(captured(chosen.payloads, catalogue))
    found = list(rows(answers, catalogue))
    if chosen.json:
        print(msgspec.json.format(msgspec.json.encode({"events": found})).decode())
        return
    print_table(found, Console(width=160))
    report(
        "mapping",
        [*match_figures(found), same_twice_figure(answers, catalogue), *cost_figures(answers, catalogue)],
    )


if __name__ == "__main__":
    main()
