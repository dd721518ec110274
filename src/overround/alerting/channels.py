"""Channels: those of the environment and those that an admin made; their addresses stay in here."""

import secrets
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from overround.alerting.senders import Sender
from overround.clock import Clock
from overround.domain.alerts import Channel, ChannelKind, channel_name
from overround.errors import ConfigError
from overround.log import hide
from overround.storage.alerts import AlertStore

URL_LIMIT = 2000
LONGEST_IN_OPEN = 6  # parts of an address that are longer may be tokens
SHORTEST_SECRET = 16


def kind_of(url: str) -> ChannelKind:
    """
    Return how an address is served: http and https by our webhook, all others by Apprise.

    Raises:
        ConfigError: It is no address; the message does not repeat it.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or "://" not in url or len(url) > URL_LIMIT or any(c.isspace() for c in url):
        raise ConfigError("url", "is no address; write one like https://example.org/hook or slack://…")
    if parts.scheme not in ("http", "https"):
        return "apprise"
    if not parts.hostname:
        raise ConfigError("url", "names no host")
    return "webhook"


def shown_url(channel: Channel) -> str:
    """
    Return as much of a channel's address as anybody may see.

    >>> shown_url(Channel("ops", "webhook", "https://u:p@hooks.example.org:8443/T0/secret", "", "admin", None))
    'https://hooks.example.org:8443/…'
    """
    parts = urlsplit(channel.url)
    if channel.kind == "apprise":
        return f"{parts.scheme}://…"
    port = f":{parts.port}" if parts.port else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}/…"


def from_environment(text: str, secret: str) -> dict[str, Channel]:
    """
    Return the channels of OVERROUND_ALERT_CHANNELS: `name=url`, separated by white space.

    Raises:
        ConfigError: A part is not like that, or a webhook has no secret to sign with; no address is repeated.
    """
    found: dict[str, Channel] = {}
    for part in text.split():
        name, equals, url = part.partition("=")
        try:
            channel_name(name)
            kind = kind_of(url if equals else "")
        except ConfigError as exc:
            raise ConfigError(
                "OVERROUND_ALERT_CHANNELS", f"channel {len(found) + 1} is not like name=url: {exc}"
            ) from None
        if kind == "webhook" and len(secret) < SHORTEST_SECRET:
            raise ConfigError(
                "OVERROUND_ALERT_SECRET",
                f"must have {SHORTEST_SECRET} characters at least: it signs what {name} gets",
            )
        found[name] = Channel(name, kind, url, secret if kind == "webhook" else "", "environment", None)
    for channel in found.values():
        _hide(channel)
    return found


class Channels:
    """Every channel by name; one of the environment hides an admin's of the same name."""

    def __init__(
        self,
        store: AlertStore,
        senders: Mapping[ChannelKind, Sender],
        given: Mapping[str, Channel],
        clock: Clock,
    ) -> None:
        self._store, self._senders, self._clock = store, senders, clock
        self._given = dict(given)
        self._made: dict[str, Channel] = {}

    async def load(self) -> None:
        """Read what an admin made. Raises: StorageError."""
        self._made = {channel.name: channel for channel in await self._store.channels()}
        for channel in self._made.values():
            _hide(channel)

    def get(self, name: str) -> Channel | None:
        """Return a channel."""
        return self._given.get(name) or self._made.get(name)

    def all(self) -> list[Channel]:
        """Return every channel by name."""
        return [channel for _, channel in sorted({**self._made, **self._given}.items())]

    async def add(self, name: str, url: str) -> Channel:
        """
        Make a channel; a webhook gets a secret of its own.

        Raises:
            ConfigError: The name is taken or unfit, or the address is none or may not be reached.
            StorageError: It can't be stored.
        """
        if self.get(channel_name(name)):
            raise ConfigError("name", f"there is a channel {name} already")
        kind = kind_of(url)
        secret = secrets.token_urlsafe(32) if kind == "webhook" else ""
        channel = Channel(name, kind, url, secret, "admin", self._clock.now())
        _hide(channel)
        if why := await self._senders[kind].check(channel):
            raise ConfigError("url", why)
        await self._store.save_channel(channel)
        self._made[name] = channel
        return channel

    async def delete(self, name: str) -> bool:
        """
        Forget a channel that an admin made; False when there is none.

        Raises:
            ConfigError: It comes from the environment.
            StorageError: It can't be forgotten.
        """
        if name in self._given:
            raise ConfigError("name", f"{name} comes from OVERROUND_ALERT_CHANNELS")
        if name not in self._made:
            return False
        await self._store.delete_channel(name)
        del self._made[name]
        return True


def _hide(channel: Channel) -> None:
    """Keep the address and everything in it that may be a secret out of every log line."""
    parts = urlsplit(channel.url)
    pieces = [
        *parts.path.split("/"),
        *parts.query.replace("=", "&").split("&"),
        parts.netloc.rpartition("@")[0],
    ]
    pieces += [*parts.netloc.rpartition("@")[0].split(":")]
    if channel.kind == "apprise":
        pieces.append(parts.hostname or "")  # in slack://token/… the token stands where a host would
    long = [piece for piece in pieces if len(piece) > LONGEST_IN_OPEN]
    hide(channel.url, channel.secret, *long, *(unquote(piece) for piece in long))
