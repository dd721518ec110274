"""SportPesa's JSON as structs: only what we read. Source: payloads: sportpesa/*.json."""

import msgspec

Number = str | int | float  # ids, lines and odds arrive as numbers and as text; both are read alike


class Named(msgspec.Struct, frozen=True, gc=False):
    """Sport, country, competition or team."""

    name: str | None = None


class Selection(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One outcome. Its `name` holds team names and lines, so it is not read."""

    short_name: Number  # "1", "OV", "1:0": the same for every event
    odds: Number | None = None  # "2.41"
    spec_value: Number | None = None  # the line once more


class Market(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One market at one line."""

    id: Number
    selections: tuple[Selection, ...]
    name: str | None = None
    spec_value: Number | None = (
        None  # the line, 0 when the market has none; missing where a list shows it inline
    )


class Game(msgspec.Struct, frozen=True, rename="camel"):
    """One game of upcoming/games, with its 1X2 inline."""

    id: Number
    date_timestamp: int  # kickoff, ms UTC
    competitors: tuple[Named, ...]  # home, away
    sport: Named
    betradar_id: Number | None = None  # 0 for none
    betgenius_id: Number | None = None  # 0 for none
    country: Named | None = None
    competition: Named | None = None
    markets: tuple[Market, ...] = ()


MarketsByGame = dict[str, tuple[Market, ...]]  # games/markets
