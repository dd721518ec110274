"""What the routes of one app work with."""

import asyncio
from pathlib import Path

from fastapi import FastAPI, Request
from xxhash import xxh3_64_hexdigest

from overround import __version__
from overround.api.alert_json import alert_json
from overround.api.board import Board
from overround.api.comparison import EventComparisons
from overround.api.coverage_reports import CoverageReports
from overround.api.event_order import EventOrder
from overround.api.event_query import EventSearch
from overround.api.fragments import Fragments
from overround.api.keyring import KeyRing
from overround.api.past_events import PastEvents
from overround.api.past_moves import PastMoves
from overround.api.ports import Services
from overround.api.problems import NotReady
from overround.api.recent_moves import RecentMoves
from overround.api.ws.hub import Hub
from overround.api.ws.movement_topic import MovementTopic


class Context:
    """The services of the process and what the API keeps on top of them."""

    def __init__(self, services: Services, static: Path, key_required: bool = False) -> None:
        self.services = services
        self.static = static
        self.build = build_of(static)
        self.order = EventOrder(services.cache)
        self.fragments = Fragments(services.catalogue, services.settings)
        comparisons = EventComparisons(services.catalogue, services.settings)
        moves = RecentMoves(services.analysis, lambda: services.settings.enabled_bookmakers)
        self.search = EventSearch(
            self.order, comparisons, moves, lambda: services.settings.enabled_bookmakers
        )
        self.past = PastEvents(services)
        self.past_moves = PastMoves(services)
        self.hub = Hub(services, self.order)
        self.movements = MovementTopic(services, self.hub)
        services.alerts.on_alert(
            lambda alert, sent: self.hub.publish_row("alerts", alert.id, alert_json(alert, sent))
        )
        self.board = Board(self.order, services.catalogue, services.settings, self.hub.epoch, services.world)
        self.hub.keepers = (self.fragments, comparisons, moves, self.board)
        self.hub.prepared = (self.fragments, self.board)
        self.coverage = CoverageReports(services)
        self.ring = KeyRing(services.access, services.clock, key_required)
        self.settings_lock = asyncio.Lock()

    def require_ready(self) -> None:
        """
        Let pass what makes the process ask bookmakers, once it can store what they answer.

        Raises:
            NotReady: With one sentence per reason.
        """
        if reasons := self.services.health.not_ready():
            raise NotReady(reasons)


def build_of(static: Path) -> str:
    """Return what tells a page that it is older than its server: the version, and the page's own hash if built."""
    index = static / "index.html"
    return f"{__version__}+{xxh3_64_hexdigest(index.read_bytes())[:8]}" if index.is_file() else __version__


def context_of(app: FastAPI) -> Context:
    """Return the context that `create_app` gave the app."""
    context = app.state.context
    assert isinstance(context, Context)
    return context


def context(request: Request) -> Context:
    """Return the context of the app that serves this request."""
    return context_of(request.app)
