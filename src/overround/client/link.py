"""One WebSocket to the server, and the ways it can fail."""

from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from overround.errors import FeedRefused, FeedUnreachable

PATH = "/api/ws"
MAX_FRAME_BYTES = 16 * 1024 * 1024
OPEN_TIMEOUT_S = 10.0
CLOSE_KEY, CLOSE_FORBIDDEN = 4001, 4003
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class LinkLost(Exception):
    """The link ended; another may be opened."""


class Link(Protocol):
    """An open connection."""

    async def send(self, text: str) -> None:
        """Send a message; LinkLost when the link has ended."""
        ...

    async def receive(self) -> str | bytes:
        """
        Return the next message.

        Raises:
            LinkLost: The link ended.
            FeedRefused: The server ended it for good: the key is missing or revoked, or may not do that.
        """
        ...

    async def close(self) -> None:
        """End the link."""
        ...


def address(url: str) -> str:
    """
    Return the WebSocket address of a server.

    Raises:
        FeedRefused: The text is no address.

    >>> address("http://127.0.0.1:8000")
    'ws://127.0.0.1:8000/api/ws'
    >>> address("wss://odds.example/overround/api/ws")
    'wss://odds.example/overround/api/ws'
    """
    try:
        parts = urlsplit(url)
        scheme = _SCHEMES[parts.scheme]
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError
        _ = parts.port
    except (ValueError, KeyError):
        raise FeedRefused(0, f"{url!r} is no address; say one like http://127.0.0.1:8000") from None
    path = parts.path.rstrip("/")
    return urlunsplit((scheme, parts.netloc, path if path.endswith(PATH) else path + PATH, "", ""))


class Socket:
    """A link over the network."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as exc:
            raise LinkLost(str(exc)) from exc

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as exc:
            close = exc.rcvd
            if close is not None and close.code in (CLOSE_KEY, CLOSE_FORBIDDEN):
                raise FeedRefused(close.code, close.reason or "the key is not accepted") from exc
            raise LinkLost(str(exc)) from exc

    async def close(self) -> None:
        await self._connection.close()


async def dial(url: str, key: str | None) -> Link:
    """
    Open a link.

    Args:
        url: The server, `http://host:port`; its WebSocket's path is added.
        key: An API key, None on loopback.
    Raises:
        FeedUnreachable: Nobody answers there now.
        FeedRefused: Somebody does and says no, or the address is none.
    """
    target = address(url)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        connection = await connect(
            target,
            additional_headers=headers,
            compression=None,
            proxy=None,  # the server is ours, and a proxy has no business with the key
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=None,  # the server's heartbeats tell
            close_timeout=1,
            max_size=MAX_FRAME_BYTES,
        )
    except InvalidStatus as exc:
        code = exc.response.status_code
        if code in (400, 401, 403, 404):
            raise FeedRefused(code, f"the server at {url} refuses the connection ({code})") from exc
        raise FeedUnreachable(url, f"it answers {code}") from exc
    except InvalidURI as exc:
        raise FeedRefused(0, f"{url!r} is no address") from exc
    except (OSError, InvalidHandshake, TimeoutError) as exc:
        raise FeedUnreachable(url, str(exc) or "it takes too long") from exc
    return Socket(connection)
