"""How far an event's prices moved lately: what the list sorts by with `sort=move`."""

from collections.abc import Callable
from datetime import datetime, timedelta

from overround.analysis.records import AnalysisFeed, AnalysisUpdate, Move, Movement
from overround.api.market_choice import MarketChoice

RECENT = timedelta(hours=1)


class RecentMoves:
    """The movements of the last hour by event, kept level with analysis."""

    def __init__(self, analysis: AnalysisFeed, enabled: Callable[[], tuple[str, ...]]) -> None:
        self._enabled = enabled
        self._by_event: dict[str, dict[str, Movement]] = {}
        for movement in analysis.movements():
            self._by_event.setdefault(movement.sportradar_id, {})[movement.id] = movement
        analysis.on_analysis(self._take)

    def largest(self, sportradar_id: str, choice: MarketChoice, now: datetime) -> float | None:
        """
        Return the largest |to / from - 1| of a price in the chosen markets at any enabled bookmaker.

        None when nothing moved within the last hour; the opening and closing of a price is no move.
        """
        kept = self._by_event.get(sportradar_id)
        if not kept:
            return None
        enabled, since = self._enabled(), now - RECENT
        sizes = [
            _size(move)
            for movement in kept.values()
            if choice.takes(movement.key)
            for move in movement.moves
            if move.at > since and move.bookmaker in enabled and move.kind != "flicker"
        ]
        return max(sizes, default=0.0) or None

    def forget(self, sportradar_id: str) -> None:
        """Drop the movements of an event that left the cache."""
        self._by_event.pop(sportradar_id, None)

    def _take(self, update: AnalysisUpdate) -> None:
        since = update.at - RECENT
        for movement in update.movements:
            kept = self._by_event.setdefault(movement.sportradar_id, {})
            for old in [each.id for each in kept.values() if each.changed_at <= since]:
                del kept[old]
            kept[movement.id] = movement


def _size(move: Move) -> float:
    pairs = zip(move.before_milli, move.after_milli, strict=True)
    return max((abs(now / was - 1) for was, now in pairs if was and now), default=0.0)
