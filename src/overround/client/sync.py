"""
The client for notebooks and plain scripts: no `async`.

    with connect("http://127.0.0.1:8000") as feed:
        for change in feed.odds(markets=["3743"]):
            print(change.event.home, change.bookmaker, change.after)

A thread of its own holds the connection, so the local copy stays level while nobody asks. What is given out never
changes afterwards.
"""

import concurrent.futures
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Literal, TypeVar

from overround.client import feed as feeds
from overround.client import link as links
from overround.client import rows
from overround.client.book import Book, Change
from overround.client.feed import Health, Plain
from overround.client.following import Following
from overround.client.following import Odds as AsyncOdds
from overround.client.messages import Market, Message
from overround.client.rows import Row
from overround.client.worker import Worker, wait

T = TypeVar("T")
F = TypeVar("F", bound=Following[Any])


class Stream(Iterator[T], Generic[T]):
    """What a topic brings, one after another, in one thread at a time; ends when the feed is closed."""

    def __init__(self, worker: Worker, following: Following[T]) -> None:
        self._worker, self.following = worker, following
        self._coming: concurrent.futures.Future[T | None] | None = None

    def __next__(self) -> T:
        got = self.next()
        if got is None:
            raise StopIteration
        return got

    def next(self, timeout_s: float | None = None) -> T | None:
        """
        Return what comes next; None when the time is over or nothing more comes.

        Interrupted by Ctrl-C or the time, it loses nothing: the next call continues.

        Raises:
            FeedRefused: The server refuses the key or the topic.
        """
        if self._coming is None:
            if self._worker.is_ended:
                return None
            self._coming = self._worker.submit(self._following_next())
        try:
            got = wait(self._coming, timeout_s)
        except TimeoutError:
            return None
        except concurrent.futures.CancelledError:  # the feed was closed meanwhile
            got = None
        except Exception:
            self._coming = None
            raise
        self._coming = None
        return got

    async def _following_next(self) -> T | None:
        with suppress(StopAsyncIteration):
            return await anext(self.following)
        return None


class Odds(Stream[Change]):
    """Odds of one filter: `book` is the local copy, iterating gives what changes in it."""

    def __init__(self, worker: Worker, following: AsyncOdds) -> None:
        super().__init__(worker, following)
        self._odds = following

    @property
    def book(self) -> "Prices":
        """Return everything held, as it is now."""
        return Prices(self._worker.call(lambda: self._odds.book.copy()))


class Messages(Stream[Message]):
    """Messages of a topic without a local copy."""


class Prices:
    """The local copy at one moment."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def __len__(self) -> int:
        return len(self._book)

    def rows(self) -> list[Row]:
        """Return a dict per outcome with all that is known of it, ready for `DataFrame(…)`; see `rows.price_rows`."""
        return rows.price_rows(self._book)

    def events(self) -> list[Row]:
        """Return a dict per match, the next to begin first."""
        return rows.event_rows(self._book)

    def market(self, sportradar_id: str, bookmaker: str, market_id: str, line: str = "") -> Market | None:
        """Return a market, None where it is not held."""
        return self._book.market(sportradar_id, bookmaker, market_id, line)


class Feed:
    """A connection that mends itself. Use it in a `with`, or call `close` when done."""

    def __init__(self, start: Callable[[], Coroutine[Any, Any, feeds.Feed]]) -> None:
        self._worker = Worker()
        self._newest: Odds | None = None
        self._followed: dict[str, Following[Any]] = {}
        try:
            self._feed = self._worker.do(start())
        except BaseException:
            self._worker.end()
            raise

    def __enter__(self) -> "Feed":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and end every iteration; what was received can be read still."""
        try:
            if not self._worker.is_ended:
                self._worker.do(self._feed.stop())
        finally:
            self._worker.end()

    @property
    def book(self) -> Prices:
        """Return what the newest `odds` or `event` holds now; nothing before there is one."""
        return Prices(Book()) if self._newest is None else self._newest.book

    @property
    def health(self) -> Health:
        """Return connection, age and the bookmakers' state."""
        return self._worker.call(lambda: self._feed.health)

    @property
    def age_s(self) -> float:
        """Return the seconds since the server was last heard; more than 15 means that prices may be old."""
        return self._feed.age_s

    def odds(
        self,
        *,
        bookmakers: Sequence[str] | None = None,
        markets: Sequence[str] | Literal["all"] | None = None,
        competitions: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        events: Sequence[str] | None = None,
        conflate_ms: int = 0,
        initial: bool = False,
    ) -> Odds:
        """
        Follow odds and wait until the local copy is complete; arguments as for the async `Feed.odds`.

        A second call, as when a cell is run again, takes the place of the first.

        Raises:
            ValueError: A time has no zone.
            FeedRefused: The server refuses the key or the filter.
            RuntimeError: The feed is closed.
        """
        return self._follow_odds(
            feeds.ODDS,
            lambda: self._feed.odds(
                bookmakers=bookmakers, markets=markets, competitions=competitions, start=start, end=end,
                events=events, conflate_ms=conflate_ms, initial=initial,
            ),
        )  # fmt: skip

    def event(self, sportradar_id: str, *, conflate_ms: int = 0, initial: bool = False) -> Odds:
        """Follow one match with all its markets; otherwise as `odds`."""
        return self._follow_odds(
            f"event:{sportradar_id}",
            lambda: self._feed.event(sportradar_id, conflate_ms=conflate_ms, initial=initial),
        )

    def messages(self, topic: Plain) -> Messages:
        """Follow runs (`scrape_progress`), `status`, `alerts` or `movements`; a second call replaces the first."""
        return Messages(self._worker, self._follow(topic, lambda: self._feed.messages(topic)))

    def leave(self, stream: Odds | Messages) -> None:
        """Follow it no longer; its iteration ends."""
        self._worker.call(lambda: self._feed.leave(stream.following))

    def _follow_odds(self, topic: str, begin: Callable[[], AsyncOdds]) -> Odds:
        following = self._follow(topic, begin)
        self._newest = Odds(self._worker, following)
        self._worker.do(following.ready())
        return self._newest

    def _follow(self, topic: str, begin: Callable[[], F]) -> F:
        async def replaced() -> F:
            if older := self._followed.pop(topic, None):
                self._feed.leave(older)
            following = self._followed[topic] = begin()
            return following

        return self._worker.do(replaced())


def connect(url: str = "http://127.0.0.1:8000", *, key: str | None = None) -> Feed:
    """
    Connect to a server; from then on the feed mends itself until it is closed.

    Args:
        url: `http://host:port` or `https://host`.
        key: An API key; none is needed for a server on this machine without keys.
    Raises:
        FeedUnreachable: Nobody answers at first. Later that is tried again for as long as it lasts.
        FeedRefused: The server wants another key.
    """

    async def start() -> feeds.Feed:
        feed = feeds.Feed(lambda: links.dial(url, key))
        await feed.start()
        return feed

    return Feed(start)
