"""
Asking the running server: what commands that only read do first.

They take no lock. A command whose server does not run catches `NoServer` and reads the database instead.
"""

import http.client
import json
import os
from collections.abc import Mapping
from typing import IO, Annotated, Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import typer

from overround.errors import ConfigError, OverroundError, one_line

API_KEY = "OVERROUND_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8000"
PATIENCE_S = 30.0
ANSWER_LIMIT = 64 * 1024 * 1024  # bytes; the largest page of the API has a few

UrlOption = Annotated[str, typer.Option("--url", help=f"The running server to ask; its key from {API_KEY}.")]


class NoServer(OverroundError):
    """Nobody listens at the address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"no server answers at {url}")
        self.url = url


class ServerRefused(OverroundError):
    """Somebody listens at the address but did not give the answer; the message says why."""


def ask(
    url: str,
    path: str,
    parameters: Mapping[str, str | int] | None = None,
    order: Mapping[str, object] | None = None,
) -> Any:
    """
    Return the JSON of a GET at the running server, or of a POST of `order`.

    Raises:
        ConfigError: The address is none, or the key can't be sent.
        NoServer: Nobody listens there.
        ServerRefused: It refuses, takes too long, or is not Overround.
    """
    body = None if order is None else json.dumps(order).encode()
    request = Request(_address(url, path, parameters or {}), body, _headers())
    try:
        with _opener().open(request, timeout=PATIENCE_S) as answer:
            return _decoded(url, answer)
    except HTTPError as exc:
        with exc:
            _refused(url, exc)
    except (OSError, http.client.HTTPException) as exc:
        reason = exc.reason if isinstance(exc, URLError) else exc
        if isinstance(reason, ConnectionRefusedError):
            raise NoServer(url) from exc
        raise ServerRefused(f"the server at {url} did not answer: {one_line(str(reason))}") from exc


def _address(url: str, path: str, parameters: Mapping[str, str | int]) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid or any(c.isspace() or not c.isprintable() for c in url):
        raise ConfigError("--url", f"{url!r} is no address; say one like {DEFAULT_URL}")
    given = {name: value for name, value in parameters.items() if value != ""}
    return f"{url.rstrip('/')}{path}{'?' + urlencode(given) if given else ''}"


def _headers() -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if key := os.environ.get(API_KEY, "").strip():
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(API_KEY, "has characters that no key has")
        headers["Authorization"] = f"Bearer {key}"
    return headers


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the key to another address."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> None:
        return None


def _opener() -> OpenerDirector:
    """Return what opens an address itself: the server is ours, and a proxy has no business with the key."""
    return build_opener(ProxyHandler({}), _NoRedirect)


def _decoded(url: str, answer: IO[bytes]) -> Any:
    body = answer.read(ANSWER_LIMIT + 1)
    if len(body) > ANSWER_LIMIT:
        raise ServerRefused(f"the answer of {url} is larger than {ANSWER_LIMIT} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise ServerRefused(f"what answers at {url} is not Overround; say --url") from exc


def _refused(url: str, error: HTTPError) -> NoReturn:
    if error.code in (401, 403) and not os.environ.get(API_KEY):
        raise ServerRefused(f"the server at {url} wants a key; set {API_KEY}") from error
    if error.headers.get_content_type() != "application/problem+json":
        raise ServerRefused(f"what answers at {url} is not Overround ({error.code}); say --url") from error
    problem = _decoded(url, error)
    detail = problem.get("detail", "") if isinstance(problem, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    raise ServerRefused(f"the server at {url} refuses ({error.code}): {one_line(str(detail))}") from error  # pyright: ignore[reportUnknownArgumentType]
