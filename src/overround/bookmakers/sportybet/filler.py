"""What fills a simulated body to real size: SportyBet's further football markets, as facts, with prices of no meaning."""

import random
from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import count, product

import msgspec

from overround.bookmakers.sportybet.rendering import market_fields, market_json, outcome_fields

VARIANTS = 8  # sets of prices per market: an event's id chooses one
EVENT_MARK = b"@EVENT@"  # stands for the Sportradar id in a fragment

Outcomes = tuple[tuple[str, str], ...]


class FurtherMarket(msgspec.Struct, frozen=True):
    """A market type at SportyBet. Source: ids, names, specifiers, outcomes of markets.csv."""

    id: str
    group: str
    name: str
    outcomes: Outcomes  # outcome id, text; {line} stands for the specifier's last value
    specifiers: tuple[str, ...] = ("",)
    source: str = "BET_RADAR"


def _texts(first_id: int, step: int, *texts: str) -> Outcomes:
    return tuple((str(first_id + step * i), text) for i, text in enumerate(texts))


def _variant(name: str, first_id: int, *texts: str) -> Outcomes:
    return tuple((f"{name}:{outcome_id}", text) for outcome_id, text in _texts(first_id, 1, *texts))


def _each(key: str, *values: object) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for value in values)


_WIN = _texts(1, 1, "Home", "Draw", "Away")
_NEXT = _texts(6, 1, "Home", "None", "Away")
_DOUBLE = _texts(9, 1, "Home or Draw", "Home or Away", "Draw or Away")
_NO_BET = _texts(4, 1, "Home", "Away")
_TOTAL = _texts(12, 1, "Over {line}", "Under {line}")
_GENIUS_TOTAL = _texts(30, 1, "Over {line}", "Under {line}")
_YES = _texts(74, 2, "Yes", "No")
_GENIUS_YES = _texts(39, 1, "Yes", "No")
_ODD = _texts(70, 2, "Odd", "Even")
_GENIUS_EVEN = _texts(32, 1, "Even", "Odd")
_HEAD_START = _texts(1711, 1, "Home ({line})", "Draw ({line})", "Away ({line})")
_ASIAN = _texts(1714, 1, "Home ({line})", "Away ({line})")
_HALVES = _texts(436, 2, "1st half", "2nd half", "Equal")
_MULTIGOALS = (*_texts(1746, 1, "1-2", "1-3", "2-3", "4+"), ("1805", "No goal"))
_WIN_AND_YES = _texts(
    78, 2, *(f"{who} & {said}" for who in ("Home", "Draw", "Away") for said in ("yes", "no"))
)
_WIN_AND_TOTAL = _texts(
    794, 2, *(f"{who} & {side} {{line}}" for who in ("Home", "Draw", "Away") for side in ("Under", "Over"))
)
_DOUBLES = ("Home/Draw", "Home/Away", "Draw/Away")
_DOUBLE_AND_YES = _texts(1718, 1, *(f"{who} & {said}" for who in _DOUBLES for said in ("Yes", "No")))
_DOUBLE_AND_TOTAL = _texts(
    1724, 1, *(f"{who} & {side} {{line}}" for side in ("Under", "Over") for who in _DOUBLES)
)
# Number and first id of the long lists are theirs; which id in them is which score is no more than plausible.
_SCORES = _texts(274, 2, *(f"{home}:{away}" for away in range(5) for home in range(5)), "Other")
_PAIRS = tuple("/".join(pair) for pair in product(("Home", "Draw", "Away"), repeat=2))
_SMALL_SCORES = tuple(f"{home}:{away}" for home in range(3) for away in range(3))
_HALF_SCORES = _texts(
    326, 2, *(f"{half} {full}" for half in _SMALL_SCORES[:5] for full in _SMALL_SCORES), "4+ 4+"
)
_PAIR_AND_TOTAL = _texts(
    1836, 1, *(f"{pair} & {side} {{line}}" for side in ("under", "over") for pair in _PAIRS[:7])
)
_PAIR_AND_GOALS = _texts(
    1854, 1, *(f"{pair} & {goals}" for goals in ("1", "2", "3", "4+") for pair in _PAIRS)
)
_SCORERS = (
    ("1716", "No Goal"),
    *((f"sr:player:{player}", f"Player {player}") for player in range(1_009_385, 1_058_385, 1000)),
)
_THREE_PLUS = "variant=sr:exact_goals:3+"
_EXACT_THREE = _variant("sr:exact_goals:3+", 88, "0", "1", "2", "3+")
_MINUTES = (5, 10, 15, 20, 25, 30, 35, 40, 50, 55, 60, 65, 70, 75, 80, 85)

FURTHER: tuple[FurtherMarket, ...] = (
    FurtherMarket("60200", "Main", "1X2 - 1UP", _WIN),
    FurtherMarket("60100", "Main", "1X2 - 2UP", _WIN),
    FurtherMarket("60180", "Main", "Over/Under - Early Goals", _TOTAL, ("minsnr=10|total=1.5", "minsnr=30|total=2.5", "minsnr=50|total=3.5"), "BET_GENIUS"),
    FurtherMarket("8", "Main", "Next Goal", _NEXT, ("goalnr=1",)),
    FurtherMarket("19", "Goals", "Home O/U", _TOTAL, _each("total", 0.5, 1.5, 2.5, 3.5)),
    FurtherMarket("20", "Goals", "Away O/U", _TOTAL, _each("total", 0.5, 1.5, 2.5, 3.5)),
    FurtherMarket("60000", "Main", "GG/NG 2+", _YES),
    FurtherMarket("60300", "Main", "Any Team to lead by 1 Goal", _YES),
    FurtherMarket("60301", "Main", "Any Team to lead by 2 Goals", _YES),
    FurtherMarket("60303", "Main", "Home Team to lead by 1 Goal", _YES),
    FurtherMarket("60306", "Main", "Away Team to lead by 1 Goal", _YES),
    FurtherMarket("450004", "Main", "Excluded Goals", _texts(0, 1, "0", "1", "2", "3", "4", "5+")),
    FurtherMarket("45", "Main", "Correct Score", _SCORES),
    FurtherMarket("47", "Main", "Halftime/Fulltime", _texts(418, 2, *("/".join(pair) for pair in product(("Home", "Draw", "Away"), repeat=2)))),
    FurtherMarket("46", "Half", "Halftime/fulltime correct score", _HALF_SCORES),
    FurtherMarket("41", "Main", "Correct score [x:y]", _texts(110, 2, *(f"{home}:{away}" for home in range(7) for away in range(4))), ("score=0:0",)),
    FurtherMarket("58", "Goals", "Both Halves Over X.5", _YES, ("total=1.5",)),
    FurtherMarket("59", "Goals", "Both Halves Under X.5", _YES, ("total=1.5",)),
    FurtherMarket("55", "Goals", "1st/2nd Half GG/NG", _texts(806, 2, "No/No", "Yes/No", "Yes/Yes", "No/Yes")),
    FurtherMarket("56", "Goals", "Home To Score In Both Halves", _YES),
    FurtherMarket("57", "Goals", "Away To Score In Both Halves", _YES),
    FurtherMarket("26", "Main", "Odd/Even", _ODD),
    FurtherMarket("27", "Goals", "Home Team Odd/Even", _ODD),
    FurtherMarket("28", "Goals", "Away Team Odd/Even", _ODD),
    FurtherMarket("60", "Half", "1st Half - 1X2", _WIN),
    FurtherMarket("68", "Half", "1st Half - Over/Under", _TOTAL, _each("total", 1, 2, 3, 0.5, 1.5, 2.5)),
    FurtherMarket("63", "Half", "1st Half - Double Chance", _DOUBLE),
    FurtherMarket("62", "Half", "1st Half - Next Goal", _NEXT, ("goalnr=1",)),
    FurtherMarket("65", "Half", "1st Half - Handicap", _HEAD_START, _each("hcp", "0:1", "0:2", "1:0")),
    FurtherMarket("66", "Half", "1st Half - Handicap", _ASIAN, _each("hcp", -0.5, -1, 0, 0.5)),
    FurtherMarket("69", "Goals", "1st Half - Home O/U", _TOTAL, _each("total", 0.5, 1.5, 2.5)),
    FurtherMarket("70", "Goals", "1st Half - Away O/U", _TOTAL, _each("total", 0.5, 1.5, 2.5)),
    FurtherMarket("75", "Goals", "1st Half - GG/NG", _YES),
    FurtherMarket("64", "Half", "1st Half - Draw No Bet", _NO_BET),
    FurtherMarket("71", "Goals", "1st Half - Exact Goals", _EXACT_THREE, (_THREE_PLUS,)),
    FurtherMarket("81", "Half", "1st Half - Correct Score", _texts(462, 2, *_SMALL_SCORES, "Other")),
    FurtherMarket("76", "Goals", "1st Half - Home Clean Sheet", _YES),
    FurtherMarket("77", "Goals", "1st Half - Away Clean Sheet", _YES),
    FurtherMarket("78", "Half", "1st Half - 1X2 & GG/NG", _WIN_AND_YES),
    FurtherMarket("79", "Half", "1st Half - 1X2 & Total", _WIN_AND_TOTAL, ("total=1.5",)),
    FurtherMarket("552", "Goals", "1st Half - Multigoals", _MULTIGOALS),
    FurtherMarket("900022", "Half", "HT Home Team To Score Yes/No", _GENIUS_YES, source="BET_GENIUS"),
    FurtherMarket("900021", "Half", "HT Away Team to Score Yes/No", _GENIUS_YES, source="BET_GENIUS"),
    FurtherMarket("74", "Goals", "1st Half - Odd/Even", _ODD),
    FurtherMarket("900032", "Half", "HT Home Total Odd/Even", _GENIUS_EVEN, source="BET_GENIUS"),
    FurtherMarket("83", "Half", "2nd Half - 1X2", _WIN),
    FurtherMarket("90", "Half", "2nd Half - Total", _TOTAL, _each("total", 1, 2, 3, 0.5, 1.5, 2.5)),
    FurtherMarket("85", "Half", "2nd Half - Double Chance", _DOUBLE),
    FurtherMarket("84", "Goals", "2nd Half - Xth Goal", _NEXT, ("goalnr=1",)),
    FurtherMarket("87", "Half", "2nd Half - Handicap X:Y", _HEAD_START, _each("hcp", "0:1", "0:2", "1:0")),
    FurtherMarket("88", "Half", "2nd Half - Handicap", _ASIAN, _each("hcp", -0.5, -1, 0, 0.5)),
    FurtherMarket("91", "Goals", "2nd Half - Home Team Total", _TOTAL, _each("total", 0.5, 1.5, 2.5)),
    FurtherMarket("92", "Goals", "2nd Half - Away Team Total", _TOTAL, _each("total", 0.5, 1.5, 2.5)),
    FurtherMarket("95", "Goals", "2nd Half - GG/NG", _YES),
    FurtherMarket("86", "Half", "2nd Half - Draw No Bet", _NO_BET),
    FurtherMarket("98", "Half", "2nd Half - Correct Score", _texts(546, 2, *_SMALL_SCORES, "Other")),
    FurtherMarket("93", "Goals", "2nd Half - Exact Goals", _variant("sr:exact_goals:2+", 85, "0", "1", "2+"), ("variant=sr:exact_goals:2+",)),
    FurtherMarket("553", "Goals", "2nd Half - Multigoals", _MULTIGOALS),
    FurtherMarket("9", "Main", "Last Goal", _NEXT),
    FurtherMarket("12", "Main", "Home No Bet", _texts(776, 2, "Draw", "Away")),
    FurtherMarket("13", "Main", "Away No Bet", _texts(780, 2, "Home", "Draw")),
    FurtherMarket("15", "Main", "Winning Margin", _variant("sr:winning_margin:3+", 113, "Home by 1", "Home by 2", "Home by 3+", "Away by 1", "Away by 2", "Away by 3+", "Draw"), ("variant=sr:winning_margin:3+",)),
    FurtherMarket("21", "Main", "Exact Goals", _variant("sr:exact_goals:6+", 68, "0", "1", "2", "3", "4", "5", "6+"), ("variant=sr:exact_goals:6+",)),
    FurtherMarket("23", "Goals", "Home Team Exact Goals", _EXACT_THREE, (_THREE_PLUS,)),
    FurtherMarket("24", "Goals", "Away Team Exact Goals", _EXACT_THREE, (_THREE_PLUS,)),
    FurtherMarket("25", "Main", "Goal Range", _variant("sr:goal_range:7+", 1342, "0-1", "2-3", "4-6", "7+"), ("variant=sr:goal_range:7+",)),
    FurtherMarket("31", "Goals", "Home Team Clean Sheet", _YES),
    FurtherMarket("32", "Goals", "Away Team Clean Sheet", _YES),
    FurtherMarket("33", "Combo", "Home Team Win To Nil", _YES),
    FurtherMarket("34", "Combo", "Away Team Win To Nil", _YES),
    FurtherMarket("48", "Half", "Home To Win Both Halves", _YES),
    FurtherMarket("49", "Half", "Away To Win Both Halves", _YES),
    FurtherMarket("50", "Half", "Home To Win Either Half", _YES),
    FurtherMarket("51", "Half", "Away To Win Either Half", _YES),
    FurtherMarket("52", "Half", "Highest Scoring Half", _HALVES),
    FurtherMarket("53", "Half", "Home Highest Scoring Half", _HALVES),
    FurtherMarket("54", "Half", "Away Highest Scoring Half", _HALVES),
    FurtherMarket("105", "Minutes", "10 Minutes - 1X2", _WIN, ("from=1|to=10",)),
    FurtherMarket("900069", "Minutes", "Match Result after X Minutes", _WIN, _each("minute", *_MINUTES), "BET_GENIUS"),
    FurtherMarket("100", "Minutes", "Xth Goal Scored (15 Min)", _texts(584, 2, "1-15", "16-30", "31-45", "46-60", "61-75", "76-90", "None"), ("goalnr=1",)),
    FurtherMarket("166", "Corners", "Corners - Over/Under", _TOTAL, _each("total", 7.5, 8.5, 9.5, 10.5, 11.5)),
    FurtherMarket("162", "Corners", "Corners 1X2", _WIN),
    FurtherMarket("163", "Corners", "Xth Corner", _NEXT, ("cornernr=1",)),
    FurtherMarket("164", "Corners", "Last Corner", _NEXT),
    FurtherMarket("165", "Corners", "Corner Handicap", _ASIAN, _each("hcp", -1.5, -0.5, 0.5)),
    FurtherMarket("900300", "Corners", "Home Team Total Corners", _GENIUS_TOTAL, _each("total", 3.5, 4.5, 5.5, 6.5, 7.5), "BET_GENIUS"),
    FurtherMarket("900301", "Corners", "Away Team Total Corners", _GENIUS_TOTAL, _each("total", 2.5, 3.5, 4.5, 5.5, 6.5), "BET_GENIUS"),
    FurtherMarket("172", "Corners", "Odd/Even Corners", _ODD),
    FurtherMarket("177", "Corners", "1st Half - Total Corners", _TOTAL, _each("total", 3.5, 4.5, 5.5)),
    FurtherMarket("173", "Corners", "1st Half - Corner 1X2", _WIN),
    FurtherMarket("37", "Combo", "1X2 & Over/Under", _WIN_AND_TOTAL, _each("total", 1.5, 2.5, 3.5, 4.5)),
    FurtherMarket("35", "Combo", "1X2 & GG/NG", _WIN_AND_YES),
    FurtherMarket("36", "Combo", "Over/Under & GG/NG", _texts(90, 2, "Over {line} & Yes", "Under {line} & Yes", "Over {line} & No", "Under {line} & No"), ("total=2.5",)),
    FurtherMarket("547", "Combo", "Double Chance & Total", _DOUBLE_AND_TOTAL, _each("total", 1.5, 2.5, 3.5, 4.5)),
    FurtherMarket("546", "Combo", "Double Chance & GG/NG", _DOUBLE_AND_YES),
    FurtherMarket("540", "Half", "DC & 1st Half Both Teams Score", _DOUBLE_AND_YES),
    FurtherMarket("541", "Half", "DC & 2nd Half Both Teams Score", _DOUBLE_AND_YES),
    FurtherMarket("548", "Goals", "Multigoals", _texts(1730, 1, "1-2", "1-3", "1-4", "1-5", "1-6", "2-3", "2-4", "2-5", "2-6", "3-4", "3-5", "3-6", "4-5", "4-6", "5-6", "7+", "No goal")),
    FurtherMarket("549", "Goals", "Home Team Multigoals", _MULTIGOALS),
    FurtherMarket("550", "Goals", "Away Team Multigoals", _MULTIGOALS),
    FurtherMarket("551", "Goals", "Multiscores", _texts(1750, 1, "1:0, 2:0 or 3:0", "0:1, 0:2 or 0:3", "4:0, 5:0 or 6:0", "0:4, 0:5 or 0:6", "2:1, 3:1 or 4:1", "1:2, 1:3 or 1:4", "Other")),
    FurtherMarket("818", "Combo", "Halftime/Fulltime & Total", _PAIR_AND_TOTAL, _each("total", 1.5, 2.5, 3.5, 4.5)),
    FurtherMarket("819", "Combo", "HT/FT & 1st Half Total", _PAIR_AND_TOTAL[:12], _each("total", 0.5, 1.5, 2.5)),
    FurtherMarket("820", "Combo", "HT/FT & Exact Goals", _PAIR_AND_GOALS),
    FurtherMarket("38", "Players", "Xth Goalscorer", _SCORERS, ("goalnr=1|type=prematch",)),
    FurtherMarket("39", "Players", "Last Goalscorer", _SCORERS, ("type=prematch",)),
    FurtherMarket("40", "Players", "Anytime Goalscorer", _SCORERS, ("type=prematch",)),
    FurtherMarket("860", "Combo", "Home Team Or GG/NG", _YES),
    FurtherMarket("861", "Combo", "Draw Or GG/NG", _YES),
    FurtherMarket("862", "Combo", "Away Team Or GG/NG", _YES),
    FurtherMarket("900313", "Minutes", "Total Goals from 1 to X min", _GENIUS_TOTAL, tuple(f"minute={minute}|total={total}" for minute in _MINUTES for total in (0.5, 1.5, 2.5, 3.5, 4.5)), "BET_GENIUS"),
)  # fmt: skip

# One market per player: a body can grow by as many as a big match has. Event and player stand in the ids.
_PROPS = (
    ("775", "Player Goals"),
    ("776", "Player Shots"),
    ("777", "Player Shots On Target"),
    ("770", "Player Assists"),
    ("780", "Player Tackles"),
)


def further_markets(taken: Container[str]) -> Iterator[tuple[FurtherMarket, str]]:
    """Yield (market, specifier) in a fixed order, without the ids `taken` by priced markets; player props last."""
    for market in FURTHER:
        if market.id not in taken:
            yield from ((market, specifier) for specifier in market.specifiers)
    props = [prop for prop in _PROPS if prop[0] not in taken]
    for player in count(230_001, 37) if props else ():
        for market_id, name in props:
            yield _prop(market_id, name, player)


@lru_cache(maxsize=16_384)
def fragment(market: FurtherMarket, specifier: str, variant: int) -> bytes:
    """Return the market as JSON with prices that depend on `variant` only; EVENT_MARK stands for the event."""
    dice = random.Random(f"{market.id}|{specifier}|{variant}")
    weights = [dice.uniform(0.15, 1.0) for _ in market.outcomes]
    shares = [weight / sum(weights) for weight in weights]
    line = specifier.rpartition("=")[2]
    outcomes = [
        outcome_fields(outcome_id, max(101, round(94 / share)) * 10, share, text.format(line=line))
        for (outcome_id, text), share in zip(market.outcomes, shares, strict=True)
    ]
    return market_json(
        market_fields(market.id, specifier, market.name, market.group, outcomes, source=market.source)
    )


def _prop(market_id: str, name: str, player: int) -> tuple[FurtherMarket, str]:
    variant = f"pre:playerprops:{EVENT_MARK.decode()}:{player}"
    outcomes = tuple((f"{variant}:{n}", f"Player {player} {n}+") for n in (1, 2, 3))
    return FurtherMarket(market_id, "Players", name, outcomes), f"variant={variant}"
