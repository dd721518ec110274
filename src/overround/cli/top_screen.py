"""How `overround top` looks in a terminal. Nothing is told by colour alone."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from rich.console import Group, JustifyMethod
from rich.table import Table
from rich.text import Text

from overround.cli.top_rows import Price, Row
from overround.client import Health
from overround.domain.catalogue import Catalogue
from overround.errors import one_line

HOUR_S, DAY_S = 3600, 86_400
DEAD_BAND, WIDE_GAP = 0.02, 0.05  # as the page has them
QUIET_S = 15.0  # three heartbeats
SHAPES = {"up": "●", "lagging": "■", "recovering": "■", "refused": "▲", "down": "▲", "off": "○"}
STYLES = {"up": "green", "lagging": "yellow", "recovering": "yellow", "refused": "red", "down": "red"}
SHORT = {"not offered": "none", "suspended": "susp."}
PRICES_SHOWN = 3
SHRINKING = ("match", "country")
HEAD_LINES = 4  # above the rows: link, sources, a blank one, titles


class Head(msgspec.Struct, frozen=True):
    """What stands above the board."""

    url: str
    world: str
    health: Health
    now: datetime  # the server's
    matches: int  # ahead, after the filter
    changes_a_minute: int | None  # None before there is a minute to speak of
    note: str = ""


def screen(head: Head, rows: Sequence[Row], width: int, catalogue: Catalogue) -> Group:
    """Return the whole picture for a terminal of `width` characters; what is least needed leaves a narrow one."""
    note = [Text(one_line(head.note), style="yellow")] if head.note else []
    return Group(_link(head), _sources(head), *note, Text(), _table(rows, head, width, catalogue))


def _link(head: Head) -> Text:
    health = head.health
    if health.connected and health.age_s <= QUIET_S:
        state, style = f"● connected, heard {age(health.age_s)} ago", "green"
    elif health.connected:
        state, style = f"■ silent for {age(health.age_s)}: prices may be old", "yellow"
    else:
        why = f" ({one_line(health.reason, 60)})" if health.reason else ""
        state, style = f"▲ connection lost{why}, trying again; prices as of {age(health.age_s)} ago", "red"
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append("overround ", "bold").append(f"{head.url}  {head.world}  ").append(state, style)
    text.append(f"  {head.matches} matches ahead")
    if head.changes_a_minute is not None:
        text.append(f"  {head.changes_a_minute} changes/min")
    return text.append(f"  {head.now:%H:%M:%S}Z", "dim")


def _sources(head: Head) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for source in head.health.sources.values():
        since = age((head.now - source.since).total_seconds())
        why = f": {one_line(source.reason, 40)}" if source.reason else ""
        said = source.state if source.state == "up" else f"{source.state} {since}{why}"
        shape = SHAPES.get(source.state, "▲")
        text.append(f"{shape} {source.bookmaker} {said}   ", STYLES.get(source.state, ""))
    return text


def _table(rows: Sequence[Row], head: Head, width: int, catalogue: Catalogue) -> Table:
    markets = {(row.market_id, row.line): _name(row, catalogue) for row in rows}
    single = f"{next(iter(markets.values()))}: " if len(markets) == 1 else ""
    columns: list[tuple[str, JustifyMethod, int, Callable[[Row], Text]]] = [
        ("kickoff", "left", 0, lambda row: _kickoff(row.event.kickoff_at, head.now)),
        ("match", "left", 0, lambda row: _cut(f"{row.event.home} - {row.event.away}", 40)),
        ("country", "left", 120, lambda row: _cut(row.event.competition.country, 14)),
        ("market", "left", 0, lambda row: Text(markets[row.market_id, row.line])),
        (f"{single}ours, gap to the median", "left", 0, _prices),
        ("age", "right", 0, _own_age),
        ("rivals", "right", 100, lambda row: Text(str(row.rivals))),
        ("theirs", "right", 100, lambda row: Text(age(row.rivals_age_s))),
        ("moved last", "left", 120, lambda row: Text(f"{row.moved_by} {age(row.moved_age_s)}")),
    ]
    shown = [each for each in columns if width >= each[2] and not (single and each[0] == "market")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title, justify, _, _ in shown:
        table.add_column(title, justify=justify, no_wrap=title not in SHRINKING, overflow="ellipsis")
    for row in rows:
        table.add_row(*(cell(row) for _, _, _, cell in shown))
    return table


def _cut(text: str, limit: int) -> Text:
    return Text(one_line(text, limit), no_wrap=True, overflow="ellipsis")


def _kickoff(at: datetime, now: datetime) -> Text:
    left_s = (at - now).total_seconds()
    if left_s >= DAY_S:
        return Text(f"{at:%a %H:%M}Z")
    return Text(f"{at:%H:%M}Z {age(left_s)}", style="bold" if left_s < HOUR_S else "")


def _name(row: Row, catalogue: Catalogue) -> str:
    kind = catalogue.find(row.market_id, row.event.sport)
    return one_line(kind.column_name(row.line) if kind else f"{row.market_id} {row.line}", 20)


def _prices(row: Row) -> Text:
    """Return our prices; of a long market those with the largest gaps."""
    chosen = list(row.prices)
    if len(chosen) > PRICES_SHOWN:
        chosen = sorted(chosen, key=lambda price: -abs(price.gap or 0.0))[:PRICES_SHOWN]
    text = Text()
    for place, price in enumerate(chosen):
        text.append("  " if place else "").append(_price(price))
    if len(row.prices) > len(chosen):
        text.append(f"  +{len(row.prices) - len(chosen)}", "dim")
    return text


def _price(price: Price) -> Text:
    text = Text(f"{one_line(price.name, 8)} ", style="dim")
    if price.odds is None:
        return text.append("-".rjust(5) + " " * 6)
    shown = f"{price.odds:.2f}" if price.is_open else f"({price.odds:.2f})"
    text.append(shown.rjust(5), "not dim" if price.is_open else "dim")
    if price.gap is None:
        return text.append(" " * 6)
    size = abs(price.gap)
    style = "not dim " + ("blue" if price.gap > 0 else "yellow") if size >= DEAD_BAND else "dim"
    return text.append(f"{price.gap * 100:+.1f}".rjust(6), f"bold {style}" if size >= WIDE_GAP else style)


def _own_age(row: Row) -> Text:
    if not row.excluded:
        return Text(age(row.own_age_s))
    shown = f"stale {age(row.own_age_s)}" if row.excluded == "stale" else row.excluded
    return Text(SHORT.get(shown, shown), style="yellow")


def age(seconds: float | None) -> str:
    """
    Return a time span as a trader says it.

    >>> age(4.4), age(75), age(7300), age(180000), age(None), age(-2)
    ('4s', '1m', '2h', '2d', '-', '0s')
    """
    if seconds is None:
        return "-"
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= (2 * size if unit == "d" else size):
            return f"{int(seconds // size)}{unit}"
    return f"{max(0, int(seconds))}s"
