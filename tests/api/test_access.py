"""Who gets in where others reach the server: keys, browser sessions, sockets, limits, the audit."""

import re
from datetime import timedelta

import pytest
from yarl import URL

from overround.api.keyring import COOKIE, REFRESH_S, TICKET_S
from overround.api.rate import RateLimit
from overround.api.roles import GuardedRoute
from overround.api.security import Policy, policy_for
from overround.domain.access import SCOPES, reaches
from overround.errors import ConfigError
from tests.api.conftest import running
from tests.api.test_app import routes
from tests.support.clock import START, FakeClock

HOSTILE = "9" * 5000


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def roles(app):
    """Return (method, path, role) of every route that the app has."""
    return [
        (method, route.path, route.role)
        for included in app.routes
        for route in getattr(getattr(included, "original_router", None), "routes", ())
        if isinstance(route, GuardedRoute)
        for method in sorted(route.methods)
    ]


async def test_every_route_lets_in_exactly_the_scopes_of_its_role(world, locked):
    """The matrix of roles and routes, made from the router: nobody, an unknown key, and each scope."""
    keys = {scope: world.access.add(scope) for scope in SCOPES}
    found = roles(locked.app)
    assert len(found) > len(routes()) > 20
    for method, path, role in found:
        address = re.sub(r"\{\w+\}", "1", path)
        for scope, headers in [
            (None, {}),
            (None, bearer("ovr_" + "x" * 43)),
            (None, bearer(keys["admin"][:-1])),
            (None, {"Authorization": keys["admin"]}),
            *((scope, bearer(secret)) for scope, secret in keys.items()),
        ]:
            async with locked.client.request(method, address, headers=headers) as answer:
                if role != "public" and scope is None:
                    assert answer.status == 401, (method, path, headers)
                    assert answer.headers["www-authenticate"] == "Bearer"
                elif role != "public" and not reaches(scope, role):
                    assert answer.status == 403, (method, path, scope)
                    assert f"needs scope {role}" in (await answer.json(content_type=None))["detail"]
                elif path != "/api/session":
                    assert answer.status not in (401, 403), (method, path, scope)


async def test_a_key_ends_when_it_is_revoked_or_has_run_out(world, locked):
    """Also while the database is away: what was known runs out all the same."""
    short = world.access.add("viewer", "short", START + timedelta(hours=1))
    long = world.access.add("viewer", "long")
    for secret in (short, long):
        await locked.get("/api/settings", headers=bearer(secret))
    world.access.is_broken = True
    await world.clock.oversleep(3600)
    await locked.get("/api/settings", status=401, headers=bearer(short))
    await locked.get("/api/settings", headers=bearer(long))
    world.access.is_broken = False
    world.access.revoke("long")
    await world.clock.advance(REFRESH_S)
    await locked.get("/api/settings", status=401, headers=bearer(long))


async def test_guessing_does_not_keep_the_database_busy(world, locked):
    """Unknown keys make us read it again once a second, not once each."""
    reads = world.access.reads
    await world.clock.advance(1)
    for number in range(20):
        await locked.get("/api/settings", status=401, headers=bearer(f"ovr_{number:043}"))
    assert world.access.reads - reads <= 2


async def test_a_browser_logs_in_with_a_key_and_out_again(world, locked):
    """The cookie is out of reach for scripts and other sites; it ends at the logout, on the server too."""
    secret = world.access.add("operator", "desk")
    assert await locked.get("/api/session") == {"required": True, "scope": None, "name": None}
    await locked.call("POST", "/api/session", status=401, json={"key": "ovr_" + "x" * 43})
    await locked.call("POST", "/api/session", status=422, json={"secret": 1})
    async with locked.client.post("/api/session", json={"key": secret}) as answer:
        assert (await answer.json())["scope"] == "operator"
        cookie = answer.headers["set-cookie"]
        token = answer.cookies[COOKIE].value
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "secure" not in cookie.lower()
    assert secret not in cookie
    await locked.get("/api/settings", headers={"Cookie": f"{COOKIE}={token}"})
    await locked.call("PATCH", "/api/settings", json={}, headers={"Cookie": f"{COOKIE}={token}"})
    locked.client.cookie_jar.clear()
    await locked.call("DELETE", "/api/session", headers={"Cookie": f"{COOKIE}={token}"})
    await locked.get("/api/settings", status=401, headers={"Cookie": f"{COOKIE}={token}"})


async def test_behind_tls_the_cookie_is_for_tls_only(world, tmp_path):
    """The browser says so in its origin; the proxy keeps the host."""
    secret = world.access.add("viewer")
    headers = {"Host": "odds.example", "Origin": "https://odds.example"}
    async with running(world, tmp_path, policy_for("127.0.0.1", "odds.example")) as server:
        async with server.client.post("/api/session", json={"key": secret}, headers=headers) as answer:
            assert answer.status == 200
            assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_socket_closes_with_its_key(world, locked):
    """Within five seconds of the revocation, with a code that a page sees; others stay."""
    kept, lost = world.access.add("viewer", "kept"), world.access.add("viewer", "lost")
    async with locked.client.ws_connect("/api/ws") as socket:
        assert (await socket.receive()).data == 4001
    async with (
        locked.client.ws_connect("/api/ws", headers=bearer(kept)) as stays,
        locked.client.ws_connect("/api/ws", headers=bearer(lost)) as goes,
    ):
        assert (await stays.receive_json())["type"] == "connection_ack"
        assert (await goes.receive_json())["type"] == "connection_ack"
        world.access.revoke("lost")
        await world.clock.advance(REFRESH_S)
        while (message := await goes.receive()).type.name == "TEXT":
            pass
        assert message.data == 4001
        await stays.send_json({"type": "ping"})
        while (await stays.receive_json())["type"] != "pong":
            pass


async def test_a_ticket_opens_one_socket_in_time(world, locked):
    """Once, within half a minute, with the scope of whoever asked for it."""
    secret = world.access.add("viewer")

    async def ticket() -> str:
        return (await locked.call("POST", "/api/ws-ticket", headers=bearer(secret)))["ticket"]

    first, late = await ticket(), await ticket()
    async with locked.client.ws_connect(f"/api/ws?ticket={first}") as socket:
        assert (await socket.receive_json())["type"] == "connection_ack"
        await socket.send_json(
            {"type": "subscribe", "topics": ["odds_updates"], "filter": {"markets": "all"}}
        )
        while (message := await socket.receive()).type.name == "TEXT":
            pass
        assert message.data == 4003
    await world.clock.advance(TICKET_S)
    for used in (first, late, "x"):
        async with locked.client.ws_connect(f"/api/ws?ticket={used}") as socket:
            assert (await socket.receive()).data == 4001


async def test_a_caller_over_its_rate_waits(world, tmp_path):
    """By key, else by address; one that waited goes on, others are not touched."""
    one, two = world.access.add("viewer", "one"), world.access.add("viewer", "two")
    async with running(world, tmp_path, Policy(key_required=True, requests_per_minute=60)) as server:
        for _ in range(60):
            await server.get("/api/health/live", headers=bearer(one))
        async with server.client.get("/api/health/live", headers=bearer(one)) as answer:
            assert (answer.status, answer.headers["retry-after"]) == (429, "1")
        await server.get("/api/health/live", headers=bearer(two))
        await server.get("/api/health/live")
        await world.clock.advance(1)
        await server.get("/api/health/live", headers=bearer(one))


def test_callers_forgotten_are_those_silent_longest(monkeypatch):
    """What is remembered is bounded whoever asks."""
    monkeypatch.setattr("overround.api.rate.MOST_CALLERS", 2)
    rate = RateLimit(FakeClock(), 60)
    for caller in ("a", "b", "a", "c"):
        rate.wait_s(caller)
    assert list(rate._left) == ["a", "c"]


async def test_every_write_is_in_the_audit(world, locked):
    """With who, what about and how it ended; also one that was not allowed. Reads are not."""
    viewer, admin = world.access.add("viewer", "eve"), world.access.add("admin", "boss")
    await locked.call("PATCH", "/api/settings", json={"stale_after_s": 300}, headers=bearer(admin))
    await locked.call("PATCH", "/api/settings", status=422, json={"stale_after_s": 1}, headers=bearer(admin))
    await locked.call("POST", "/api/events/77/refresh", status=403, headers=bearer(viewer))
    await locked.get("/api/settings", headers=bearer(viewer))
    found = await locked.get("/api/audit", headers=bearer(admin))
    assert [(e["name"], e["route"], e["subject"], e["status"]) for e in found["entries"]] == [
        ("eve", "POST /api/events/{sportradar_id}/refresh", "77", 403),
        ("boss", "PATCH /api/settings", "stale_after_s=1", 422),
        ("boss", "PATCH /api/settings", "stale_after_s=300", 200),
    ]
    assert found["total"] == 3


async def test_this_machine_is_let_in_without_a_key_but_not_with_a_wrong_one(world, served):
    """Its writes are in the audit as loopback's."""
    assert (await served.get("/api/session"))["required"] is False
    await served.call("PATCH", "/api/settings", json={})
    assert [entry.name for entry in world.access.entries] == ["loopback"]
    await served.get("/api/settings", status=401, headers=bearer("ovr_" + "x" * 43))


@pytest.mark.parametrize("path", ["/../etc/passwd", "/assets/../../secret", "/%2e%2e/secret", "/assets/%2e%2e%2f%2e%2e%2fsecret", "/..%5csecret", "/assets/%00"])  # fmt: skip
async def test_no_path_leads_out_of_the_page(served, tmp_path, path):
    """Whatever is spelled how: never a file beside the folder, never an error of ours."""
    (tmp_path / "secret").write_text("root:x")
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("page")
    async with served.client.get(URL(f"http://127.0.0.1:{served.port}{path}", encoded=True)) as answer:
        assert answer.status in (200, 400, 404)
        assert "root:x" not in await answer.text()


@pytest.mark.slow
async def test_hostile_parameters_are_refused_in_a_sentence(world, served):
    """Huge, deep, of the wrong kind: 4xx or an answer, never an error of ours, at every route that reads."""
    values = (HOSTILE, "%00", "[" * 2000)
    document = await served.get("/api/openapi.json")
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            for value in values:
                address = re.sub(r"\{\w+\}", "1", path)
                if parameter["in"] == "path":
                    address = path.replace(f"{{{parameter['name']}}}", value.replace("%00", "x") or "x")
                    address = re.sub(r"\{\w+\}", "1", address)
                elif parameter["in"] == "query":
                    address += f"?{parameter['name']}={value}"
                async with served.client.get(address) as answer:
                    assert answer.status < 500 or answer.status == 503, (address[:100], answer.status)
                    if answer.status >= 400:
                        detail = (await answer.json(content_type=None))["detail"]
                        assert "\n" not in detail and len(detail) < 500, address[:100]


@pytest.mark.parametrize(
    ("origin", "host", "taken"),
    [
        ("https://odds.example", "odds.example", True),
        ("https://odds.example", "odds.example:443", True),
        ("https://odds.example:8443", "odds.example", False),
        ("http://localhost:5173", "127.0.0.1:8000", False),
        ("https://desk.example", "odds.example", True),
        ("https://odds.example.evil.example", "odds.example", False),
        ("https://odds.example@evil.example", "odds.example", False),
        ("null", "odds.example", False),
    ],
)
def test_where_a_key_is_needed_only_its_own_pages_and_those_listed_may_write(origin, host, taken):
    """A cookie would be sent along from every port of the same name."""
    policy = policy_for("0.0.0.0", "odds.example", "https://desk.example")
    assert policy.takes_origin(origin, host) is taken


@pytest.mark.parametrize(
    ("host", "taken"), [("10.0.0.7", True), ("odds.example", True), ("evil.example", False), ("::1", True)]
)
def test_a_server_for_others_answers_to_addresses_and_to_names_that_are_listed(host, taken):
    """A name can be rebound to it, an address can't."""
    assert policy_for("0.0.0.0", "odds.example").takes_host(host) is taken
    assert policy_for("127.0.0.1").takes_host("10.0.0.7") is False


@pytest.mark.parametrize("lists", [("https://a.example", ""), ("a b", ""), ("", "a.example"), ("", "*")])
def test_a_list_with_an_entry_that_is_none_stops_the_start(lists):
    """A rule that never holds would be found out too late."""
    with pytest.raises(ConfigError, match="write"):
        policy_for("127.0.0.1", *lists)
