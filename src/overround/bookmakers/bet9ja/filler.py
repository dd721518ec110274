"""What a simulated body holds beside the markets we map: Bet9ja's other football keys, names and texts."""

import csv
import random
import zlib
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import accumulate

import msgspec

_SUFFIX_NAMES = {"O": "Over", "U": "Under", "Y": "Yes", "N": "No", "OD": "Odd", "EV": "Even", "OTH": "Other"}
_COUNTED = {"CORNER": ("CO", "Corners"), "BOOKINGS": ("C", "Cards"), "GOAL": ("G", "Goals")}
_CATEGORY_CODES = {
    "POPULAR": "1", "HT": "102", "2T": "103", "GOAL": "104", "HOMEAWAY": "105", "COMBINED": "106",
    "CORNER": "108", "OTHER": "999",
}  # fmt: skip
_LINES_FIRST = 2  # of every key, before any key gets more: real events have 1.4 lines per key
_NOT_OFFERED_EVERY = 66  # 14 of 923 prices of the captured event are "1"
_PRICES = 503  # prime, so that steps over the palette repeat late

# The texts of a body are made of these: plain prose, as long and as hard to compress as the site's own.
_PHRASES = (
    "the result of the match after full time",
    "the number of goals scored by the home team",
    "the number of goals scored by the away team",
    "the first team to score in the match",
    "over or under the line that is offered",
    "the handicap is added to the score first",
    "only the first half of the match counts",
    "only the second half of the match counts",
    "both teams score at least one goal",
    "one of the teams does not score at all",
    "extra time and penalty shoot-outs are not counted",
    "own goals count for the team that gains by them",
    "time added by the referee belongs to its half",
    "the stake is returned when the match is abandoned",
    "the official report of the organiser decides",
    "the outcome is a combination of two predictions",
    "corners that are awarded but not taken do not count",
    "yellow cards count once and red cards twice",
    "cards shown to players on the bench are left out",
    "the selection wins when either condition is met",
    "all conditions have to be met for the selection to win",
    "the exact score at the end of the period",
    "the half in which more goals are scored",
    "a draw counts as a result of its own",
    "half of the stake is returned on a quarter line",
    "the winner of each half is taken on its own",
    "the minutes shown are those of the official clock",
    "the selection is settled as soon as it is decided",
)


class TheirMarket(msgspec.Struct, frozen=True):
    """One football market as the site lists it."""

    id: str
    name: str
    group: str
    lines: tuple[str, ...]  # params seen behind "@", () where its keys have none
    outcomes: tuple[str, ...]  # suffixes


class FillerGroup(msgspec.Struct, frozen=True):
    """One market at one line, ready to be written: every key with the colon behind it."""

    market: TheirMarket
    line: str
    keys: tuple[bytes, ...]


@cache
def football_markets() -> dict[str, TheirMarket]:
    """Return every football market seen at Bet9ja by id. Source: the keys of three captured events."""
    text = resources.files("overround.bookmakers.bet9ja").joinpath("football_keys.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="|")
    return {
        row["key"]: TheirMarket(
            row["key"], row["name"], row["group"], tuple(row["lines"].split()), tuple(row["outcomes"].split())
        )
        for row in rows
    }


def filler_groups(markets: Iterable[TheirMarket]) -> list[FillerGroup]:
    """Return the groups of these markets in the order in which bodies take them: popular keys first."""
    first: list[FillerGroup] = []
    rest: list[FillerGroup] = []
    for market in markets:
        for number, line in enumerate(market.lines or ("",)):
            stem = f"{market.id}@{line}" if line else market.id
            keys = tuple(_text(f"{stem}_{suffix}") + b":" for suffix in market.outcomes)
            (first if number < _LINES_FIRST else rest).append(FillerGroup(market, line, keys))
    return first + rest


def priced(groups: Iterable[FillerGroup], event_id: str) -> list[bytes]:
    """Return the entries of the odds object for these groups; the same prices for an event at any time."""
    palette = _palette()
    step = zlib.crc32(event_id.encode()) % (_PRICES - 1) + 1
    keys = [key for group in groups for key in group.keys]
    return [key + palette[(number + 1) * step % _PRICES] for number, key in enumerate(keys)]


@cache
def _palette() -> tuple[bytes, ...]:
    """Return quoted prices from 1.02 to about 60, some of them "1", which is how "not offered" reads."""
    prices = (1.02 * 60 ** (number / _PRICES) for number in range(_PRICES))
    return tuple(
        b'"1"' if number % _NOT_OFFERED_EVERY == 0 else _text(f"{price:.2f}".rstrip("0").rstrip("."))
        for number, price in enumerate(prices)
    )


@cache
def market_entry(market: TheirMarket) -> bytes:
    """Return the market's entry of D.MK."""
    counted, label = _COUNTED.get(market.group, ("GR", "Generic Result"))
    entry = {
        "ID": market.id,
        "DS": market.name,
        "MDESC": _prose(f"MDESC {market.id}", 3),
        "P": str(_number(market) % 1000),
        "VW": "3" if market.lines else "0",
        "GCAT": market.group,
        "MARKETID": str(_number(market) % 20_000),
        "M_PAYOUT": "120",
        "CNT": counted,
        "CNTLABEL": label,
        "SGN": [_SUFFIX_NAMES.get(suffix, suffix) for suffix in market.outcomes],
        "SGNK": list(market.outcomes),
    }
    return msgspec.json.encode(entry)


def categories(markets: Iterable[TheirMarket]) -> list[dict[str, str]]:
    """Return D.CATMARKET: the categories of these markets."""
    groups = {market.group for market in markets}
    return [{"CODE": code, "VALUE": group} for group, code in _CATEGORY_CODES.items() if group in groups]


def translations(size: int) -> bytes:
    """Return D.TRANS of about `size` bytes. The real one names far more markets than the event has."""
    entries, ends = _translations()
    return b"{" + entries[: ends[max(bisect_right(ends, size) - 1, 0)]] + b"}"


@cache
def _translations() -> tuple[bytes, tuple[int, ...]]:
    """Return all entries joined by commas, and where each of them ends."""
    entries = [entry for market in football_markets().values() for entry in _texts(market)]
    ends = accumulate(len(entry) + 1 for entry in entries)
    return b",".join(entries), (0, *(end - 1 for end in ends))


def _texts(market: TheirMarket) -> list[bytes]:
    described = {"NAME": market.name, "DESC": _prose(market.id, 13)}
    entries = [_text(f"M#{market.id}") + b":" + msgspec.json.encode(described)]
    for suffix in market.outcomes:
        name = _SUFFIX_NAMES.get(suffix, suffix)
        entries.append(_text(f"M#{market.id}_{suffix}") + b":" + _text(name))
        entries.append(_text(f"MCU#{market.id}_{suffix}") + b":" + _text(f"{name} {market.name}"))
    return entries


def _prose(seed: str, phrases: int) -> str:
    return "; ".join(random.Random(seed).choices(_PHRASES, k=phrases)).capitalize() + "."


def _number(market: TheirMarket) -> int:
    return zlib.crc32(market.id.encode())


def _text(text: str) -> bytes:
    return msgspec.json.encode(text)
