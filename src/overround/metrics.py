"""Counters and histograms of the pipeline, exported at /api/metrics. All names begin with overround_."""

from prometheus_client import Counter, Gauge, Histogram

FETCHES = Counter(
    "overround_fetches_total", "Requests answered, by bookmaker and how they ended", ["bookmaker", "outcome"]
)
FETCH_SECONDS = Histogram(
    "overround_fetch_seconds",
    "Time of a request on the wire",
    ["bookmaker"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
BODY_HASH_HITS = Counter("overround_body_hash_hits_total", "Bodies that equalled the last one", ["bookmaker"])
BODIES = Counter("overround_bodies_total", "Bodies given to the parser stage", ["bookmaker"])
MARKETS_CHANGED = Counter(
    "overround_markets_changed_total", "Markets that changed, were withdrawn or returned", ["bookmaker"]
)
SUSPECTS = Counter(
    "overround_suspects_total",
    "Markets that got a reason not to be believed, by bookmaker and code",
    ["bookmaker", "code"],
)
LATE_ANSWERS = Counter(
    "overround_late_answers_total", "Answers dropped because a later one had spoken", ["bookmaker"]
)
PRICES_REFUSED = Counter("overround_prices_refused_total", "Outcomes whose price was no offer", ["bookmaker"])
UNMAPPED_TYPES = Gauge(
    "overround_unmapped_types", "Market types in memory that could not be mapped", ["bookmaker"]
)
UNMAPPED_OUTCOMES = Gauge(
    "overround_unmapped_outcomes",
    "Outcomes in memory that could not be mapped, over all events",
    ["bookmaker"],
)
PHASE_SECONDS = Histogram(
    "overround_phase_seconds",
    "Time per phase of an answer's way",
    ["phase"],
    buckets=(0.0001, 0.001, 0.01, 0.03, 0.1, 1, 10),
)
SPOOL_BYTES = Gauge("overround_spool_bytes", "Size of the spool file")
QUEUE_DEPTH = Gauge("overround_write_queue_depth", "Batches waiting in memory for the database")
BATCHES_WRITTEN = Counter("overround_batches_written_total", "Batches applied to the database")
WEBSOCKET_CONNECTIONS = Gauge("overround_websocket_connections", "Open WebSocket connections")
WEBSOCKET_SENT = Counter("overround_websocket_frames_total", "Frames sent to WebSocket clients", ["type"])
RECORDED_BYTES = Counter("overround_recorded_bytes_total", "Bytes written to a recording", ["recording"])
RECORDED_INPUTS = Counter("overround_recorded_inputs_total", "Inputs written to a recording", ["recording"])
RECORDING_LOST = Counter(
    "overround_recording_lost_total", "Inputs that a recording lacks: no room, or no disk", ["recording"]
)
QUEUE_LAG = Gauge(
    "overround_write_queue_lag", "Accepted batches that the database has not got, in memory or not"
)
QUEUE_OLDEST_AGE = Gauge("overround_write_queue_oldest_age_seconds", "Age of the oldest batch in memory")
QUEUE_PAUSED = Gauge("overround_write_queue_paused", "1 while the writer waits for an operator")
WRITE_ATTEMPTS = Counter("overround_write_attempts_total", "Transactions tried by the write queue")
WRITE_SECONDS = Histogram(
    "overround_write_seconds",
    "Time of a successful transaction",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.5, 2, 10, 60),
)
DEAD_LETTERS = Counter("overround_dead_letters_total", "Rows that the database refused to hold")
DATABASE_BYTES = Gauge("overround_database_bytes", "Size of the database when it was last sampled")
FAST_LANE_REQUESTS = Counter(
    "overround_fast_lane_requests_total",
    "Requests of the fast lane, by kind (list, event) and how they ended",
    ["bookmaker", "kind", "outcome"],
)
FAST_LANE_CONFIRMED = Counter(
    "overround_fast_lane_confirmed_total", "Events whose main markets a list confirmed", ["bookmaker"]
)
FAST_LANE_MOVES = Counter(
    "overround_fast_lane_moves_total", "Events that a list showed to have moved", ["bookmaker"]
)
FAST_LANE_CONTRADICTED = Counter(
    "overround_fast_lane_contradicted_total",
    "Moves that the detail fetched for them did not bear out: the list lags",
    ["bookmaker"],
)
FAST_LANE_BUDGET_LEFT = Gauge(
    "overround_fast_lane_budget_left", "Requests that the fast lane may send in this minute", ["bookmaker"]
)
PRICE_AGE_SECONDS = Gauge(
    "overround_price_age_seconds",
    "Age of the main prices on offer: by market, kickoff (2h: within two hours; all) and quantile",
    ["bookmaker", "market", "kickoff", "quantile"],
)
RUNS = Counter("overround_runs_total", "Scrape runs that ended, by trigger and status", ["trigger", "status"])
RUN_SECONDS = Histogram(
    "overround_run_seconds", "Time of a scrape run", buckets=(5, 15, 30, 60, 120, 180, 240, 300, 600)
)
RUN_ACTIVE = Gauge("overround_run_active", "1 while a scrape run is on")
SOURCE_UP = Gauge("overround_source_up", "1 while a bookmaker is up or lagging, 0 otherwise", ["bookmaker"])
LIMITER_CEILING = Gauge(
    "overround_limiter_ceiling",
    "Requests that may be on the wire at once, as set or after a 429",
    ["bookmaker"],
)
LIMITER_IN_FLIGHT = Gauge("overround_limiter_in_flight", "Requests on the wire", ["bookmaker"])
LIMITER_CLOSED_SECONDS = Gauge(
    "overround_limiter_closed_seconds",
    "How long nothing may be sent: a Retry-After window or an open breaker",
    ["bookmaker"],
)
CACHE_EVENTS = Gauge("overround_cache_events", "Events in memory")
CACHE_LISTINGS = Gauge("overround_cache_listings", "Listings in memory")
CACHE_MARKETS = Gauge("overround_cache_markets", "Markets in memory")
CACHE_BYTES = Gauge("overround_cache_bytes", "Estimated size of the cache")
ALERTS_OPENED = Counter("overround_alerts_opened_total", "Alerts opened, by condition", ["condition"])
ALERT_DELIVERIES = Counter(
    "overround_alert_deliveries_total", "Deliveries of alerts that ended, by how", ["channel", "state"]
)
