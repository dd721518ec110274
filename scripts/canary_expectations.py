"""
Make `src/overround/scraping/expectations/<bookmaker>.json` from a bookmaker's simulator.

`python -m scripts.canary_expectations betway [--payloads DIR]`, from the root of the repository. A field is
required when it is in every answer and the product reads something else without it: found by leaving each
field out in turn. With captured answers at hand, what they lack is not required and what they have is known:
field names only, never what they hold. The limits of a file that exists are kept; a new one gets careful ones.
"""

import argparse
import asyncio
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from overround.bookmakers import registry
from overround.bookmakers.base import (
    Bookmaker,
    InParts,
    Request,
    SimulatedRequest,
    Simulator,
    Window,
    joined,
)
from overround.clock import SystemClock
from overround.config import packaged_catalogue
from overround.errors import BookmakerError
from overround.scraping.canary import Expectation
from overround.scraping.shapes import AnswerShape, field_paths
from overround.simulator import simulators
from overround.simulator.moment import Moment
from overround.simulator.world import World, WorldOptions
from overround.simulator.world_clock import StandingClock

FOLDER = Path(__file__).parents[1] / "src" / "overround" / "scraping" / "expectations"
CAPTURED = {"betpawa": ("double_chance_1up_ft.json",)}  # where prematch.json has an older shape
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
EVENTS = 8  # details that a required field must be in
DIGITS = "[0-9]+"

Answers = dict[str, dict[int, list[bytes]]]  # operation -> number of the discovery or event -> its bodies


class Site:
    """A bookmaker over its simulator, without a server; keeps every answer and may leave a field out."""

    def __init__(self, code: str, open_keys: str) -> None:
        makers: dict[str, Simulator] = simulators.create([code])
        if code not in makers:
            raise SystemExit(f"{code} has no simulator in overround/simulator/simulators.py")
        options = WorldOptions(events=60, bookmakers=(code,))
        self._simulator = makers[code]
        self._world = World(options, StandingClock(AT, SystemClock()), makers)
        self.bookmaker: Bookmaker = registry.create(code, packaged_catalogue(), f"http://simulator/{code}")
        self.code, self.open_keys = code, open_keys
        self.answers: Answers = {}
        self.occasion = 0  # what is being read, a discovery or an event: its answers are looked at together
        self.lists = set[str]()
        self.left_out: tuple[str, str] | None = None  # operation, path

    async def ask(self, request: Request) -> bytes:
        """Return the simulator's answer, without the field that is left out."""
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, query = parts.path.removeprefix(f"/{self.code}"), dict(parse_qsl(parts.query, True))
        asked = SimulatedRequest(request.method, path, query, headers, request.body)
        body = self._simulator.answer(asked, Moment(self._world, AT)).body
        self.answers.setdefault(request.operation, {}).setdefault(self.occasion, []).append(body)
        if request.kind == "list":
            self.lists.add(request.operation)
        if self.left_out and self.left_out[0] == request.operation:
            return without(body, self.left_out[1], self.open_keys)
        return body

    async def ask_list(self, request: Request) -> bytes:
        """Return a list; details are refused to a discovery, as the canary does."""
        if request.kind != "list":
            raise BookmakerError(self.code, request.operation, "no detail")
        return await self.ask(request)

    async def discover(self) -> Any:
        """Return the listed events, or the kind of error that came instead."""
        try:
            return await self.bookmaker.discover(self.ask_list, Window(AT, AT + timedelta(days=7)))
        except BookmakerError as exc:
            return exc.kind

    async def read(self, event_id: str) -> Any:
        """Return what the parser makes of one event, or the kind of error that came instead."""
        self.occasion += 1
        try:
            parts = [await self.ask(self.bookmaker.event_request(event_id))]
            if isinstance(self.bookmaker, InParts):
                while further := self.bookmaker.further_request(event_id, parts):
                    parts.append(await self.ask(further))
                return self.bookmaker.parse_event(joined(parts))
            return self.bookmaker.parse_event(parts[0])
        except BookmakerError as exc:
            return exc.kind


def without(body: bytes, path: str, open_keys: str) -> bytes:
    """Return a JSON body without the field at this path, wherever it occurs."""
    steps = re.findall(r"\[\]|[^.\[\]]+", path)
    is_open = re.compile(open_keys).fullmatch

    def remove(value: Any, depth: int) -> None:
        step, is_last = steps[depth], depth == len(steps) - 1
        if step == "[]" and isinstance(value, list):
            if is_last:
                value.clear()
            for inner in value:
                remove(inner, depth + 1)
        elif isinstance(value, dict):
            for key in [key for key in value if key == step or (step == "*" and is_open(key))]:
                if is_last:
                    del value[key]
                else:
                    remove(value[key], depth + 1)

    answer = msgspec.json.decode(body)
    remove(answer, 0)
    return msgspec.json.encode(answer)


def paths_of(answers: Iterable[list[bytes]], open_keys: str) -> tuple[set[str], set[str]]:
    """Return the fields that every one of the answers has in one of its parts or another, and those of any."""
    found = [
        set[str]().union(*(field_paths(msgspec.json.decode(part), open_keys) for part in parts))
        for parts in answers
    ]
    return set.intersection(*found), set.union(*found)


async def read_paths(site: Site, operation: str, paths: set[str], read: Callable[[], Any]) -> set[str]:
    """Return the paths without which the product reads something else."""
    site.left_out = None
    as_it_is = await read()
    matter = set[str]()
    for path in sorted(paths):
        site.left_out = (operation, path)
        if await read() != as_it_is:
            matter.add(path)
    site.left_out = None
    return matter


async def shapes(code: str, open_keys: str, payloads: Path | None) -> tuple[set[str], dict[str, AnswerShape]]:
    """Return the list operations, and the shape of every operation's answers."""
    site = Site(code, open_keys)
    listed = await site.discover()
    event_ids = [event.event_id for event in listed[:EVENTS]]
    for event_id in event_ids:
        await site.read(event_id)
    made: dict[str, AnswerShape] = {}
    captured = captured_paths(code, open_keys, payloads)
    for operation, answers in list(site.answers.items()):
        always, any_of = paths_of(answers.values(), open_keys)
        if operation in site.lists:  # one page is enough to look at: rows of a list need not be alike
            required = await read_paths(site, operation, any_of, site.discover)
        else:
            required = await read_paths(site, operation, always, lambda: site.read(event_ids[0]))
            seen = next((paths for paths in captured if len(paths & required) > len(required) / 2), None)
            if seen is not None:
                required, any_of = required & seen, any_of | seen
        made[operation] = AnswerShape(tuple(sorted(required)), tuple(sorted(any_of - required)))
    return site.lists, made


def captured_paths(code: str, open_keys: str, payloads: Path | None) -> list[set[str]]:
    """Return the fields of each captured event detail."""
    names = CAPTURED.get(code, ("prematch.json", "markets.json", "next_goal_and_team_ou.json"))
    files = [payloads / code / name for name in names] if payloads else []
    return [paths_of([[file.read_bytes()]], open_keys)[1] for file in files if file.is_file()]


def main() -> None:
    """Write one bookmaker's file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip())
    parser.add_argument("bookmaker")
    parser.add_argument("--payloads", type=Path, help="folder of captured answers, <bookmaker>/*.json")
    parser.add_argument("--open-keys", help="regular expression of JSON keys that are data")
    chosen = parser.parse_args()
    file = FOLDER / f"{chosen.bookmaker}.json"
    before = msgspec.json.decode(file.read_bytes(), type=Expectation) if file.exists() else None
    open_keys = chosen.open_keys or (before.open_keys if before else DIGITS)
    lists, answers = asyncio.run(shapes(chosen.bookmaker, open_keys, chosen.payloads))
    limits = before or Expectation(dict.fromkeys(sorted(lists), 1), None, open_keys, 0.5, 0.5, ("3743",), {})
    made = msgspec.structs.replace(limits, open_keys=open_keys, answers=answers)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    print(f"{file}: {', '.join(f'{name} {len(shape.required)} fields' for name, shape in answers.items())}")
    if before is None:
        print("Now set by hand: nothing_more, the bookmaker's own empty page, and the limits.")


if __name__ == "__main__":
    main()
