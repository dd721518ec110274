"""Ready bytes per event: encoded when an event changes, joined when somebody asks."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import msgspec

from overround.api.market_choice import MAIN_CHOICE, MarketChoice
from overround.api.rendering import Renderer, header_json, listing_json, state_shown
from overround.api.schemas import ENCODER, ListingJson
from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import Settings
from overround.domain.catalogue import Catalogue
from overround.domain.events import EventHeader
from overround.domain.markets import Market

FULL_KEPT = 256

# What a fragment's bytes depend on: the event's revision, whether it has started, who is shown.
_Version = tuple[int, bool, tuple[str, ...]]


class Fragments:
    """JSON of single events. Fragments of main markets are all kept, those with every market for 256 events."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._settings = settings
        self._enabled = settings.enabled_bookmakers
        settings.on_change(self._take_settings)
        self._renderer = Renderer(catalogue)
        self._main: dict[str, tuple[_Version, bytes]] = {}
        self._full: OrderedDict[str, tuple[_Version, bytes]] = OrderedDict()

    def version(self, event: CachedEvent, now: datetime) -> _Version:
        """Return what the event's fragments depend on; equal versions have equal bytes."""
        return (event.revision, event.header.kickoff_at <= now, self._enabled)

    def main(self, event: CachedEvent, now: datetime) -> bytes:
        """Return the event with its main markets."""
        sportradar_id, version = event.header.sportradar_id, self.version(event, now)
        kept = self._main.get(sportradar_id)
        if kept is None or kept[0] != version:
            kept = self._main[sportradar_id] = (version, self._encode(event, now, MAIN_CHOICE.takes_market))
        return kept[1]

    def full(self, event: CachedEvent, now: datetime) -> bytes:
        """Return the event with all its markets and what could not be mapped."""
        sportradar_id, version = event.header.sportradar_id, self.version(event, now)
        kept = self._full.get(sportradar_id)
        if kept is None or kept[0] != version:
            kept = self._full[sportradar_id] = (version, self._encode(event, now, None))
            if len(self._full) > FULL_KEPT:
                self._full.popitem(last=False)
        self._full.move_to_end(sportradar_id)
        return kept[1]

    def chosen(self, event: CachedEvent, now: datetime, choice: MarketChoice) -> bytes:
        """Return the event with the chosen markets; the main ones are at hand, others are encoded anew."""
        return (
            self.main(event, now) if choice is MAIN_CHOICE else self._encode(event, now, choice.takes_market)
        )

    def encode(self, event: CachedEvent, now: datetime, choice: MarketChoice | None = None) -> bytes:
        """Return an event that is not in memory, with the chosen markets or all; nothing is kept."""
        return self._encode(event, now, choice.takes_market if choice else None)

    def warm(self, event: CachedEvent, now: datetime) -> None:
        """Encode the main markets before somebody asks."""
        self.main(event, now)

    def forget(self, sportradar_id: str) -> None:
        """Drop the fragments of an event that left the cache."""
        self._main.pop(sportradar_id, None)
        self._full.pop(sportradar_id, None)

    def _take_settings(self, _changed: object) -> None:
        self._enabled = self._settings.enabled_bookmakers

    def _encode(self, event: CachedEvent, now: datetime, takes: Callable[[Market], bool] | None) -> bytes:
        shown = [event.listings[code] for code in self._enabled if code in event.listings]
        listings = [self._listing(entry, event.header, now, takes) for entry in shown]
        return b'%b,"bookmakers":%b}' % (
            ENCODER.encode(header_json(event.header))[:-1],
            ENCODER.encode(listings),
        )

    def _listing(
        self, entry: CachedListing, header: EventHeader, now: datetime, takes: Callable[[Market], bool] | None
    ) -> ListingJson:
        chosen = [market for market in entry.markets.values() if takes is None or takes(market)]
        markets = [self._renderer.market(market, header.sport, entry.suspect(market)) for market in chosen]
        listing = listing_json(entry, state_shown(entry.listing.state, header, now), markets)
        return listing if takes else msgspec.structs.replace(listing, unmapped=entry.unmapped)
