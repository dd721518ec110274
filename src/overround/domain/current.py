"""One listing as the database holds it: what warm-up carries from storage to cache."""

from datetime import datetime

import msgspec

from overround.domain.events import EventHeader, Listing
from overround.domain.markets import Market


class CurrentListing(msgspec.Struct, frozen=True):
    """The newest stored state of an event at one bookmaker, with its true ages."""

    header: EventHeader
    listing: Listing
    confirmed_at: datetime | None
    changed_at: datetime | None
    markets: tuple[Market, ...]
