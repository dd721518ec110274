"""Connection: whether anybody answers at all, judged from runs and breakers; no request is made to find out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from overround.bookmakers.limiter import Limiter
from overround.clock import Clock
from overround.config import Settings
from overround.errors import BookmakerUnavailable
from overround.log import get_logger

log = get_logger(__name__)


class Connection:
    """Lost when a run over all enabled bookmakers got no answer, or all were silent at its end; back at any answer."""

    def __init__(self, limiters: Mapping[str, Limiter], settings: Settings, clock: Clock) -> None:
        self._limiters, self._settings, self._clock = limiters, settings, clock
        self.lost_since: datetime | None = None

    def note(self, asked: Sequence[str], anyone_answered: bool) -> None:
        """Judge by a run that came to its end."""
        enabled = self._settings.enabled_bookmakers
        asked_all = set(enabled) <= set(asked)
        silent = not anyone_answered and (asked_all or self.lost_since is not None)
        if silent or all(self._is_silent(code) for code in enabled):
            if self.lost_since is None:
                self.lost_since = self._clock.now()
                log.warning("connection_lost", bookmakers=list(enabled))
        elif self.lost_since is not None:
            log.info("connection_restored", lost_since=self.lost_since.isoformat())
            self.lost_since = None

    def ask_again(self, bookmakers: Sequence[str]) -> None:
        """While it is lost, allow one request at each that is not asked because it was silent."""
        for code in bookmakers if self.lost_since else ():
            if self._is_silent(code):
                self._limiters[code].breaker.half_open()

    def _is_silent(self, bookmaker: str) -> bool:
        """Return whether the bookmaker is not asked for a while because it did not answer at all."""
        breaker = self._limiters[bookmaker].breaker
        error = breaker.last_error
        return breaker.state != "closed" and isinstance(error, BookmakerUnavailable) and not error.answered
