"""Real sockets on loopback: what a receiver gets, and what is never connected to."""

import hashlib
import hmac
import socket
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web

from overround.alerting.guard import Guard, read_networks
from overround.alerting.senders import AppriseSender, WebhookSender
from overround.clock import SystemClock
from overround.domain.alerts import Alert, Channel
from tests.support.clock import START

LOOPBACK = Guard(read_networks("127.0.0.0/8"))
SECRET = "0123456789abcdef"
ALERT = Alert(
    "a1", "r1", "gaps", "gap", "r1|e", "1 2.60 is 7.9% above the median", "Rule gaps.", 0.079, START
)


class Receiver:
    """An HTTP server that keeps what it gets and answers as told."""

    def __init__(self) -> None:
        self.status, self.headers = 204, {}
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.port = 0

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.path, dict(request.headers), await request.read()))
        return web.Response(status=self.status, headers=self.headers)

    def channel(self, scheme: str = "http", host: str = "127.0.0.1") -> Channel:
        kind = "webhook" if scheme == "http" else "apprise"
        return Channel("ops", kind, f"{scheme}://{host}:{self.port}/hook/token", SECRET, "environment", None)


@asynccontextmanager
async def receiving():
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def sending(sender):
    try:
        yield sender
    finally:
        await sender.close()


def webhook(guard: Guard = LOOPBACK) -> WebhookSender:
    return WebhookSender(guard, SystemClock(), "Overround/test")


async def test_a_webhook_is_signed_and_says_which_delivery_it_is():
    """HMAC-SHA256 over timestamp.body, as a receiver checks it."""
    async with receiving() as receiver, sending(webhook()) as sender:
        sent = await sender.send(receiver.channel(), "a1-ops", ALERT, START)
        ((path, headers, body),) = receiver.got
    assert (sent.result, path, headers["Idempotency-Key"]) == ("delivered", "/hook/token", "a1-ops")
    parts = dict(part.split("=") for part in headers["Overround-Signature"].split(","))
    assert int(parts["t"]) == START.timestamp()
    expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    said = msgspec.json.decode(body)
    assert said["delivery_id"] == "a1-ops" and said["alert"]["title"] == ALERT.title
    assert said["alert"]["opened_at"] == "2026-11-24T12:00:00Z"


@pytest.mark.parametrize(
    ("status", "headers", "result", "pause"),
    [
        (200, {}, "delivered", None),
        (302, {"location": "http://127.0.0.1:1/"}, "refused", None),
        (404, {}, "refused", None),
        (429, {"retry-after": "7"}, "again", 7.0),
        (429, {"retry-after": "999999"}, "again", 300.0),
        (503, {}, "again", None),
    ],
)
async def test_what_an_answer_means(status, headers, result, pause):
    """A redirect is not followed; 4xx is about the message, 5xx about the receiver."""
    async with receiving() as receiver, sending(webhook()) as sender:
        receiver.status, receiver.headers = status, headers
        sent = await sender.send(receiver.channel(), "d", ALERT, START)
        assert (sent.result, sent.retry_after_s, len(receiver.got)) == (result, pause, 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_private_address_is_never_connected_to(host):
    """By number or by name, and the channel can't even be made."""
    async with receiving() as receiver, sending(webhook(Guard())) as sender:
        channel = receiver.channel(host=host)
        assert "not a public address" in await sender.check(channel)
        sent = await sender.send(channel, "d", ALERT, START)
        assert sent.result == "again" and "token" not in sent.reason
        assert receiver.got == []


async def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing(monkeypatch):
    """DNS rebinding: judged is the address that the connection is made to, not an earlier answer."""
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
    async with receiving() as receiver, sending(webhook(Guard())) as sender:
        channel = receiver.channel(host="rebound.example.org")
        private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
        answers = [public, private]

        def rebound(*_args, **_options):
            return answers.pop(0)

        monkeypatch.setattr(socket, "getaddrinfo", rebound)
        assert await sender.check(channel) == ""
        sent = await sender.send(channel, "d", ALERT, START)
        assert sent.result == "again" and receiver.got == [] and answers == []


async def test_a_receiver_that_is_not_there_is_worth_another_try():
    """Refused connection."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        channel = Channel(
            "ops", "webhook", f"http://127.0.0.1:{free.getsockname()[1]}/x", SECRET, "admin", None
        )
    async with sending(webhook()) as sender:
        assert (await sender.send(channel, "d", ALERT, START)).result == "again"


@pytest.mark.slow
async def test_apprise_delivers_and_reaches_only_what_it_may():
    """Its process is watched: a private address, a redirect and a program are refused, with the reason."""
    async with receiving() as receiver:
        channel = receiver.channel("json")
        async with sending(AppriseSender(LOOPBACK, SystemClock())) as sender:
            assert await sender.check(channel) == ""
            assert await sender.check(msgspec.structs.replace(channel, url="nothing://x")) != ""
            receiver.status = 200
            assert (await sender.send(channel, "d", ALERT, START)).result == "delivered"
            ((_, _, body),) = receiver.got
            said = msgspec.json.decode(body)
            assert (said["title"], said["message"]) == (ALERT.title, ALERT.detail)
            receiver.status, receiver.headers = 302, {"location": "/elsewhere"}
            assert (await sender.send(channel, "d", ALERT, START)).result == "again"
            assert len(receiver.got) == 2
        async with sending(AppriseSender(Guard(), SystemClock())) as sender:
            sent = await sender.send(channel, "d", ALERT, START)
            assert sent.result == "again" and "not a public address" in sent.reason
            assert len(receiver.got) == 2
