"""One request per operation and answer of the REST API, in an order in which each gets that answer."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import msgspec

from overround.api.roles import operation_id
from tests.api.conftest import running
from tests.support.full_world import EVENT, RUN, SECRET, full_world


class Exchange(msgspec.Struct, frozen=True):
    """A request, and the status that it gets."""

    method: str
    path: str  # as declared
    query: str = ""
    body: object = None
    status: int = 200
    run_ends: bool = False  # before it

    @property
    def operation(self) -> str:
        """Return the operation's id."""
        return operation_id(self.path, [self.method])

    def address(self, known: Mapping[str, str]) -> str:
        """Return where the request goes; ids that answers told come from `known`."""
        values = {**known, "sportradar_id": EVENT, "market_id": "3743", "run_id": RUN, "letter_id": "1", "name": "desk",
                  "competition": "football-nigeria-npfl"}  # fmt: skip
        return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], self.path) + self.query


RULE = {"name": "Surebets", "condition": "exposure", "threshold": 0.01}
MARKET = "/api/events/{sportradar_id}/markets/{market_id}"
EXCHANGES: Sequence[Exchange] = (
    Exchange("GET", "/api/health/live"),
    Exchange("GET", "/api/health/ready"),
    Exchange("GET", "/api/health"),
    Exchange("GET", "/api/asyncapi.json"),
    Exchange("GET", "/api/events", "?page_size=2"),
    Exchange("GET", "/api/events/{sportradar_id}"),
    Exchange("POST", "/api/events/{sportradar_id}/refresh"),
    Exchange("GET", f"{MARKET}/history", "?bookmaker=betpawa,bet9ja"),
    Exchange("GET", f"{MARKET}/comparison"),
    Exchange("GET", "/api/board"),
    Exchange("GET", "/api/competitions"),
    Exchange("GET", "/api/countries"),
    Exchange("GET", "/api/markets"),
    Exchange("GET", "/api/export", "?bom=false"),
    Exchange("GET", "/api/gaps", "?page_size=2"),
    Exchange("GET", "/api/exposure"),
    Exchange("GET", "/api/movements", "?page_size=1"),
    Exchange("GET", "/api/coverage/markets"),
    Exchange("GET", "/api/coverage/unmapped"),
    Exchange("GET", "/api/coverage/events", "?with_events=true"),
    Exchange("GET", "/api/coverage/gaps", "?page_size=2"),
    Exchange("GET", "/api/scrape/runs/active"),
    Exchange("GET", "/api/scrape/runs", "?limit=1"),
    Exchange("GET", "/api/scrape/runs/{run_id}"),
    Exchange("GET", "/api/scrape/runs/{run_id}/events"),
    Exchange("GET", "/api/scrape/stats"),
    Exchange("GET", "/api/scrape/trend"),
    Exchange("POST", "/api/scrape", "?wait_s=1"),
    Exchange("POST", "/api/scrape", status=202),
    Exchange(
        "POST", "/api/scrape/runs/{run_id}/retry", body={"only_failed": True}, status=202, run_ends=True
    ),
    Exchange("GET", "/api/scheduler"),
    Exchange("POST", "/api/scheduler/pause"),
    Exchange("POST", "/api/scheduler/resume"),
    Exchange("GET", "/api/settings"),
    Exchange("PATCH", "/api/settings", body={"stale_after_s": 300}),
    Exchange("GET", "/api/storage"),
    Exchange("GET", "/api/storage/samples"),
    Exchange("GET", "/api/storage/alerts"),
    Exchange("GET", "/api/cleanup/preview"),
    Exchange("POST", "/api/cleanup/execute"),
    Exchange("GET", "/api/cleanup/history"),
    Exchange("GET", "/api/dead-letters"),
    Exchange("GET", "/api/dead-letters/{letter_id}"),
    Exchange("POST", "/api/dead-letters/replay", body={"ids": [1]}),
    Exchange("POST", "/api/dead-letters/discard", body={"ids": [1, 2]}),
    Exchange("GET", "/api/logs"),
    Exchange("GET", "/api/margins", "?page_size=1"),
    Exchange("GET", "/api/margins/position"),
    Exchange("GET", "/api/margins/{competition}"),
    Exchange("GET", "/api/alerts"),
    Exchange("POST", "/api/alerts/{alert_id}/acknowledge"),
    Exchange("POST", "/api/alerts/{alert_id}/snooze", body={"minutes": 15}),
    Exchange("POST", "/api/alerts/rules/preview", body=RULE),
    Exchange("POST", "/api/alerts/rules", body=RULE, status=201),
    Exchange("PUT", "/api/alerts/rules/{rule_id}", body=RULE),
    Exchange("GET", "/api/alerts/rules"),
    Exchange("DELETE", "/api/alerts/rules/{rule_id}"),
    Exchange(
        "POST", "/api/alerts/channels", body={"name": "desk", "url": "https://example.org/hook"}, status=201
    ),
    Exchange("POST", "/api/alerts/channels/{name}/test"),
    Exchange("GET", "/api/alerts/channels"),
    Exchange("DELETE", "/api/alerts/channels/{name}"),
    Exchange("GET", "/api/session"),
    Exchange("POST", "/api/session", body={"key": SECRET}),
    Exchange("DELETE", "/api/session"),
    Exchange("POST", "/api/ws-ticket"),
    Exchange("GET", "/api/audit"),
)


async def exchanged(folder: Path) -> AsyncIterator[tuple[Exchange, object]]:
    """Yield every exchange over a real socket with its answer: JSON, or the text of what is none."""
    async with full_world(folder) as world, running(world, folder / "static") as server:
        known: dict[str, str] = {}
        for exchange in EXCHANGES:
            if exchange.run_ends:
                world.runs.end()
            async with server.client.request(
                exchange.method, exchange.address(known), json=exchange.body
            ) as answer:
                text = (await answer.text()).replace(server.hub.epoch, "k3Vw0x-aT9Qe")
                assert answer.status == exchange.status, (exchange, text)
                is_json = answer.content_type == "application/json"
                said = msgspec.json.decode(text) if is_json else text
                if exchange.operation == "get_alerts":
                    known["alert_id"] = said["alerts"][0]["id"]
                if exchange.operation == "post_alerts_rules":
                    known["rule_id"] = said["id"]
                yield exchange, said
