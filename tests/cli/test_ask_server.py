"""Asking the running server: what it is told, and what is made of answers that are none."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from overround.cli import ask_server
from overround.cli.ask_server import API_KEY, NoServer, ServerRefused, ask
from overround.errors import ConfigError

JSON, PROBLEM = "application/json", "application/problem+json"


class Site:
    """Answers every GET with the same; remembers what it was asked."""

    def __init__(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.status, self.kind, self.body, self.headers = status, kind, body, headers
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""

    @contextmanager
    def open(self) -> Generator["Site"]:
        """Serve on a free loopback port."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers["Authorization"]))
                self.send_response(site.status)
                for name, value in {"Content-Type": site.kind, **site.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(site.body)

            def log_request(self, code: object = "-", size: object = "-") -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv(API_KEY, raising=False)


def test_an_answer_comes_back_as_json(monkeypatch):
    """With the parameters that were given, and the key of the environment; a proxy is not asked."""
    monkeypatch.setenv(API_KEY, "ovr_secret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Site(200, JSON, b'{"a": 1}').open() as site:
        assert ask(site.url + "/", "/api/x", {"q": "a b", "page": 2, "bookmaker": ""}) == {"a": 1}
    assert site.asked == [("/api/x?q=a+b&page=2", "Bearer ovr_secret")]


def test_without_a_key_none_is_sent():
    """A server on loopback wants none."""
    with Site(200, JSON, b"[]").open() as site:
        ask(site.url, "/api/x")
    assert site.asked == [("/api/x", None)]


def test_nobody_there_is_told_apart():
    """Only then may a command read the database instead."""
    with Site(200, JSON, b"[]").open() as site:
        pass
    with pytest.raises(NoServer, match=f"no server answers at {site.url}"):
        ask(site.url, "/api/x")


@pytest.mark.parametrize(
    ("site", "says"),
    [
        (Site(422, PROBLEM, b'{"detail": "page: too\\nlarge"}'), r"refuses \(422\): page: too large"),
        (Site(503, PROBLEM, b'{"detail": "starting"}'), "starting"),
        (Site(500, PROBLEM, b"[]"), r"refuses \(500\)"),
        (Site(401, PROBLEM, b'{"detail": "no key"}'), f"set {API_KEY}"),
        (Site(404, "text/html", b"<html>"), "not Overround"),
        (Site(200, "text/html", b"<html>"), "not Overround"),
        (Site(200, JSON, b"[" * 100_000), "not Overround"),
        (Site(502, PROBLEM, b"<html>"), "not Overround"),
    ],
)
def test_an_answer_that_is_none_is_one_sentence(site, says):
    """It names the address and what to do."""
    with site.open(), pytest.raises(ServerRefused, match=says) as refused:
        ask(site.url, "/api/x")
    assert "\n" not in str(refused.value) and site.url in str(refused.value)


def test_a_redirect_is_not_followed(monkeypatch):
    """The key is for the address that was named."""
    monkeypatch.setenv(API_KEY, "ovr_secret")
    with Site(200, JSON, b"{}").open() as other:
        with Site(302, JSON, b"", Location=other.url).open() as site, pytest.raises(ServerRefused):
            ask(site.url, "/api/x")
        assert other.asked == []


def test_an_endless_answer_is_cut(monkeypatch):
    """Whoever listens at the port must not fill our memory."""
    monkeypatch.setattr(ask_server, "ANSWER_LIMIT", 10)
    with Site(200, JSON, b"[" + b"1," * 10).open() as site, pytest.raises(ServerRefused, match="larger"):
        ask(site.url, "/api/x")


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "file:///etc/passwd", "http://", "http://a:99999", "http://a b", "http://a/?x=1"],
)
def test_an_address_that_is_none_is_refused(url):
    """Before anything is opened."""
    with pytest.raises(ConfigError, match="--url"):
        ask(url, "/api/x")


def test_a_key_that_can_not_be_sent_is_refused(monkeypatch):
    """A line break would end the header."""
    monkeypatch.setenv(API_KEY, "a\nb")
    with pytest.raises(ConfigError, match=API_KEY):
        ask("http://127.0.0.1:9", "/api/x")
