"""The simulated Bet9ja: what it says is what the parser reads, in the real site's shapes."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overround.bookmakers.base import Quote, SimulatedRequest, Simulator, Window
from overround.bookmakers.bet9ja.client import Bet9ja
from overround.bookmakers.bet9ja.markets import MarketTable, OddsKey, their_ids, their_places
from overround.bookmakers.bet9ja.parser import EventParser
from overround.bookmakers.bet9ja.simulator import create
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey, ParsedMarket
from overround.errors import EventGone
from tests.bookmakers.bet9ja.server import BASE_URL, simulated_server
from tests.support.clock import START
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, seven_markets, simulated_events

SIMULATOR = create()
PARSER = EventParser(packaged_catalogue())
ROOT = "/desktop/feapi/PalimpsestAjax"


def ask(source, endpoint, method="GET", **query):
    return SIMULATOR.answer(SimulatedRequest(method, f"{ROOT}/{endpoint}", query, {}, b""), source)


def simulated_body(filler=0, sport="football", **source):
    """Return the detail of the first event of a small world."""
    (event,) = simulated_events(1, SIMULATOR.own_id)
    world = FixedSource([msgspec.structs.replace(event, sport=sport)], filler=filler, **source)
    return ask(world, "GetEvent", EVENTID=SIMULATOR.own_id("69000000")).body


def said(quotes, sport="football"):
    """Return what a parser must make of the quotes: what is locked is not offered, for the site has no such state."""
    catalogue = packaged_catalogue()
    markets = {}
    for key, outcomes in quotes.items():
        kind = catalogue.find(key.market_id, sport)
        assert kind is not None
        quoted = [outcomes.get(name, Quote(0)) for name in kind.outcomes]
        odds = tuple(0 if quote.suspended else quote.odds_milli for quote in quoted)
        if any(odds):
            markets[key] = ParsedMarket(key, kind.outcomes, odds)
    return markets


# --- details -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [0, 1, 60, 207, 700])
@pytest.mark.parametrize("shift", [0, 7])
def test_a_detail_says_exactly_the_quotes(filler, shift):
    """Every mapped market comes back; three locked prices read "1"; what fills the body maps to nothing."""
    quotes = seven_markets(shift)
    parsed = PARSER.parse(simulated_body(filler, quotes=quotes))
    assert parsed.markets == said(quotes)
    assert parsed.refused == {"price": 3}


TABLE = MarketTable(packaged_catalogue())
LINES = st.integers(-20, 40).map(lambda quarters: f"{quarters / 4:g}")
QUOTES = st.builds(Quote, st.integers(1001, 100_000_000), st.sampled_from([False, False, False, True]))
SPORTS = ("football", "basketball", "tennis")
MARKETS = {
    sport: [kind for kind in packaged_catalogue().types if kind.sport == sport and "bet9ja" in kind.books]
    for sport in SPORTS
}


def slots_of(sport, their_id, suffix, line):
    """Return what one key prices: the outcomes of ours that it feeds."""
    meaning = TABLE.meaning(sport, OddsKey(their_id, line, suffix))
    return meaning.slots or TABLE.meaning(sport, OddsKey(their_id, "", suffix)).slots


def consistent(sport, wanted):
    """Return quotes that Bet9ja can say: what one key feeds has one price in every market."""
    quotes = {}
    for kind, line, prices in wanted:
        rule = kind.books["bet9ja"]
        for name, (their_id, suffix) in their_places(rule, their_ids(rule, line)).items():
            if name not in prices:
                continue
            slots = slots_of(sport, their_id, suffix, line)
            said_before = [quotes.get(slot.key, {}).get(slot.names[slot.position]) for slot in slots]
            price = next((quote for quote in said_before if quote), prices[name])
            for slot in slots:
                quotes.setdefault(slot.key, {}).setdefault(slot.names[slot.position], price)
    return quotes


@st.composite
def books(draw, sport):
    """Draw any markets of the catalogue at any lines with any prices, some outcomes missing."""
    wanted = []
    for kind in draw(st.lists(st.sampled_from(MARKETS[sport]), min_size=1, max_size=6)):
        line = draw(LINES) if kind.param else ""
        names = draw(st.lists(st.sampled_from(kind.outcomes), min_size=1, max_size=8, unique=True))
        wanted.append((kind, line, {name: draw(QUOTES) for name in names}))
    return consistent(sport, wanted)


@pytest.mark.parametrize("sport", SPORTS)
@given(st.data())
@settings(max_examples=25)
def test_any_quotes_make_the_way_there_and_back(sport, data):
    """Whole, half and quarter lines, three decimals, missing sides: the parser reads what the world said."""
    quotes = data.draw(books(sport))
    parsed = PARSER.parse(simulated_body(3, quotes=quotes, sport=sport)) if quotes else None
    assert parsed is None or (parsed.markets, parsed.doubtful) == (said(quotes, sport), frozenset())


@pytest.mark.parametrize("sport", SPORTS)
def test_every_market_of_the_catalogue_is_rendered_and_read(sport):
    """Each outcome that Bet9ja has, at a line that it has: none is lost on the way, none gets another's price."""
    wanted = []
    for number, kind in enumerate(MARKETS[sport]):
        fixed = kind.books["bet9ja"].fixed_lines
        line = next(iter(fixed.values()), "2.5") if kind.param else ""
        prices = {name: Quote(2000 + 50 * number + place) for place, name in enumerate(kind.outcomes)}
        wanted.append((kind, line, prices))
    quotes = consistent(sport, wanted)
    assert {key.market_id for key in quotes} == {kind.id for kind in MARKETS[sport]}
    parsed = PARSER.parse(simulated_body(quotes=quotes, sport=sport))
    assert parsed.markets == said(quotes, sport)
    assert (parsed.unmapped, parsed.refused, parsed.sport) == ((), {}, sport)


def test_one_key_is_written_once_for_the_markets_it_feeds():
    """The away team scoring is the home team's clean sheet with Yes and No exchanged."""
    quotes = {
        MarketKey("3813"): {"Yes": Quote(1500), "No": Quote(2400)},
        MarketKey("x-away_to_score_2h"): {"Yes": Quote(2400), "No": Quote(1500)},
        MarketKey("4429"): {"1-0": Quote(7000)},
        MarketKey("28000869"): {"1-0": Quote(7000), "Other": Quote(30_000)},
    }
    assert json.loads(simulated_body(quotes=quotes))["D"]["O"] == {
        "S_2SCORE2T_Y": "2.4",
        "S_2SCORE2T_N": "1.5",
        "S_CSFT_1:0": "7",
        "S_CSFT_OTH": "30",
    }


@pytest.mark.parametrize(
    ("key", "outcome", "written"),
    [
        (MarketKey("4613062", "3.5"), "Under & No", "S_GGNGOUN@3.5_NGU"),
        (MarketKey("28000224", "1"), "None", "S_1STGOAL_X"),
        (MarketKey("x-over_under_first_20min", "0.5"), "Over", "S_S20MIN_YS20M"),
        (MarketKey("x-home_or_over_ft", "2.5"), "Yes", "S_CHANCEMIXGGOU@2.5_1orOv"),
        (MarketKey("x-home_or_over_ft", "3.5"), "Yes", "S_CHANCEMIXOU@3.5_1orOv"),
        (MarketKey("x-1x2_multigoals_ft"), "X - 3-4", "S_1X2MULTI3-4_X"),
    ],
)
def test_keys_are_those_of_the_site(key, outcome, written):
    """Where several ids make one market, each is used for what it was seen with."""
    assert list(json.loads(simulated_body(quotes={key: {outcome: Quote(2000)}}))["D"]["O"]) == [written]


def test_a_line_that_the_site_has_no_key_for_is_not_written():
    """Only the first goal's team has a key, and both teams scoring with a total has two."""
    quotes = {
        MarketKey("28000224", "2"): {"1": Quote(2000)},
        MarketKey("4613062", "4.5"): {"Over & Yes": Quote(9000)},
        MarketKey("3743"): {"1": Quote(2000)},
    }
    assert list(json.loads(simulated_body(quotes=quotes))["D"]["O"]) == ["S_1X2_1"]


def test_the_header_is_that_of_the_event():
    """Ids, teams, kickoff, country and competition."""
    (event,) = simulated_events(1, SIMULATOR.own_id)
    parsed = PARSER.parse(simulated_body())
    assert (parsed.event_id, parsed.sportradar_id) == (event.event_id, event.sportradar_id)
    assert (parsed.home, parsed.away, parsed.kickoff_at) == (event.home, event.away, event.kickoff_at)
    assert (parsed.country, parsed.competition, parsed.sport) == (
        event.country,
        event.competition,
        "football",
    )


def test_half_totals_and_other_totals_have_their_own_keys():
    """As on the site: S_OU for half lines, S_OUA for whole and quarter ones."""
    over = {"Over": Quote(1900)}
    quotes = {MarketKey("5000", line): over for line in ("0.5", "2", "2.25", "2.5")}
    event = json.loads(simulated_body(quotes=quotes))["D"]
    assert set(event["O"]) == {"S_OU@0.5_O", "S_OUA@2_O", "S_OUA@2.25_O", "S_OU@2.5_O"}
    assert event["AUX"] == {"S_OU": {"0.5": 0.5, "2.5": 2.5}, "S_OUA": {"2": 2, "2.25": 2.25}}


@pytest.mark.parametrize(
    ("odds_milli", "text"), [(2420, "2.42"), (4000, "4"), (3100, "3.1"), (11250, "11.25"), (1055, "1.055"),
                             (100_000_000, "100000"), (1000, "1"), (0, "1"), (100_000_001, "1")]
)  # fmt: skip
def test_prices_are_printed_as_the_site_prints_them(odds_milli, text):
    """Text without trailing zeros; what is no offer reads "1"."""
    quotes = {MarketKey("3743"): {"1": Quote(odds_milli), "X": Quote(3000)}}
    assert json.loads(simulated_body(quotes=quotes))["D"]["O"]["S_1X2_1"] == text


def test_an_unchanged_event_has_identical_bytes():
    """The body hash is the shortcut of every run; only the world's volatile text may break it."""
    assert simulated_body(100) == simulated_body(100)
    assert simulated_body(100, volatile="17") != simulated_body(100, volatile="18")
    assert PARSER.parse(simulated_body(100, volatile="17")) == PARSER.parse(simulated_body(100))


def test_a_change_moves_every_key():
    """No reader may rely on the order of keys or markets."""
    first, second = (json.loads(simulated_body(100, quotes=seven_markets(shift)))["D"] for shift in (0, 1))
    assert set(first["O"]) == set(second["O"])
    assert list(first["O"]) != list(second["O"])
    assert [market["ID"] for market in first["MK"]] != [market["ID"] for market in second["MK"]]


def test_every_key_belongs_to_a_market_of_the_body():
    """D.MK names every market with its suffixes, D.AUX every line."""
    event = json.loads(simulated_body(300))["D"]
    suffixes = {market["ID"]: market["SGNK"] for market in event["MK"]}
    assert len(suffixes) == len(event["MK"])
    for key in event["O"]:
        market, _, rest = key.rpartition("_")
        market, _, line = market.partition("@")
        assert rest in suffixes[market]
        assert not line or event["AUX"][market][line] == float(line)


def captured_quotes():
    """Return what the captured event offers, as quotes."""
    markets = PARSER.parse(payload("bet9ja", "prematch.json")).markets.values()
    return {
        market.key: {
            name: Quote(odds) for name, odds in zip(market.names, market.odds_milli, strict=True) if odds
        }
        for market in markets
    }


@pytest.mark.payloads
def test_captured_prices_are_written_under_their_own_keys_again():
    """What was read from a key goes back to that key: the right market, line and suffix."""
    real = json.loads(payload("bet9ja", "prematch.json"))["D"]["O"]
    ours = json.loads(simulated_body(quotes=captured_quotes()))["D"]["O"]
    assert len(ours) > 700
    assert {key: float(price) for key, price in ours.items()} == {key: float(real[key]) for key in ours}


@pytest.mark.payloads
def test_a_full_body_is_as_large_as_the_captured_one():
    """Its own prices and filler up to its 221 groups: bytes within a tenth, as many keys, the same fields."""
    real = json.loads(payload("bet9ja", "prematch.json"))["D"]
    quotes = captured_quotes()
    mapped = len({key.rpartition("_")[0] for key in json.loads(simulated_body(quotes=quotes))["D"]["O"]})
    body = simulated_body(221 - mapped, quotes=quotes)
    ours = json.loads(body)["D"]
    assert abs(len(body) - 337_450) < 34_000
    assert abs(len(ours["O"]) - 923) < 93
    assert set(real) - set(ours) == {"PLAYER_SID"}
    assert set(ours) <= set(real)
    assert set(ours["MK"][0]) == set(real["MK"][0])


def test_an_unknown_event_is_gone():
    """The site says R "E" with status 200."""
    answer = ask(FixedSource([]), "GetEvent", EVENTID="5")
    assert answer.status == 200
    with pytest.raises(EventGone):
        PARSER.parse(answer.body)


@pytest.mark.parametrize(("endpoint", "method"), [("GetEvents", "GET"), ("", "GET"), ("GetEvent", "POST")])
def test_other_paths_and_methods_are_not_found(endpoint, method):
    """Only what the client may ask has an answer."""
    assert ask(FixedSource([]), endpoint, method, EVENTID="5").status == 404


def test_own_ids_lead_back_to_the_sportradar_id():
    """Own ids differ from the feed's, and no two events share one."""
    ids = {SIMULATOR.own_id(str(number)): str(number) for number in range(68_995_000, 68_996_000)}
    assert len(ids) == 1000
    assert all(
        own != sportradar and int(own) - 701_000_000 == int(sportradar) for own, sportradar in ids.items()
    )


# --- lists -------------------------------------------------------------------------------------------------------


def test_the_tree_counts_its_events():
    """Per sport and per competition."""
    tree = json.loads(ask(FixedSource(simulated_events(10, SIMULATOR.own_id)), "GetSports").body)["D"]["PAL"]
    assert set(tree) == {"1"}
    assert (tree["1"]["S_DESC"], tree["1"]["NUM"]) == ("Soccer", 10)
    groups = [group for country in tree["1"]["SG"].values() for group in country["G"].values()]
    assert sorted((group["G_DESC"], group["NUM"]) for group in groups) == [
        ("League 0", 4),
        ("League 1", 3),
        ("League 2", 3),
    ]


def group_of(source):
    """Return the first group id of the tree."""
    tree = json.loads(ask(source, "GetSports").body)["D"]["PAL"]["1"]
    return next(iter(next(iter(tree["SG"].values()))["G"]))


def test_lists_carry_the_main_prices_inline():
    """The same texts as the detail: 1X2, double chance, over/under 2.5."""
    source = FixedSource(simulated_events(1, SIMULATOR.own_id))
    (row,) = json.loads(ask(source, "GetEventsInGroupV2", GROUPID=group_of(source), GROUPMARKETID="1").body)[
        "D"
    ]["E"]
    full = json.loads(simulated_body())["D"]["O"]
    assert {key: full[key] for key in row["O"]} == row["O"]
    assert {key.rpartition("_")[0] for key in row["O"]} == {"S_1X2", "S_DC", "S_OU@2.5"}
    (row,) = json.loads(ask(source, "GetEventsInGroupV2", GROUPID=group_of(source)).body)["D"]["E"]
    assert row["O"] == {}


def test_a_competition_without_events_is_an_empty_list():
    """Its last match may have begun since the tree was read."""
    answer = json.loads(ask(FixedSource([]), "GetEventsInGroupV2", GROUPID="5", GROUPMARKETID="1").body)
    assert (answer["R"], answer["D"]["E"]) == ("OK", [])
    assert ask(FixedSource([]), "GetEventsInGroupV2", GROUPID="x").body == b'{"R":"E"}'


# --- recorded answers --------------------------------------------------------------------------------------------


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("name", "event_id", "sport"),
    [("prematch.json", "769895636", "football"), ("basketball.json", "775268202", "basketball")],
)
def test_a_recorded_detail_is_an_event(name, event_id, sport):
    """Its header is the event's, its bytes are what the detail call answers."""
    body = payload("bet9ja", name)
    event = SIMULATOR.read_recorded(body)
    assert event is not None
    assert (event.event_id, event.sport) == (event_id, sport)
    assert ask(FixedSource([event]), "GetEvent", EVENTID=event_id).body == body


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("bookmaker", "name"),
    [("bet9ja", "live.json"), ("bet9ja", "dc_1x2_1up_catalogue.json"), ("betpawa", "prematch.json"),
     ("sportybet", "prematch.json"), ("msport", "prematch.json")],
)  # fmt: skip
def test_other_recorded_answers_are_none(bookmaker, name):
    """Live answers, catalogues and other bookmakers' bodies are not served."""
    assert SIMULATOR.read_recorded(payload(bookmaker, name)) is None


@pytest.mark.payloads
def test_moving_the_kickoff_changes_only_the_kickoff():
    """Byte for byte the same otherwise; ENDVISIBILITYDATE stays too."""
    body = payload("bet9ja", "prematch.json")
    moved = SIMULATOR.with_kickoff(body, datetime(2026, 11, 25, 11, tzinfo=UTC))
    assert moved == body.replace(b'"STARTDATE": "2026-05-06 11:00:00"', b'"STARTDATE": "2026-11-25 11:00:00"')
    assert moved.count(b"2026-05-06 11:00:00") == body.count(b"2026-05-06 11:00:00") - 1
    expected = msgspec.structs.replace(PARSER.parse(body), kickoff_at=datetime(2026, 11, 25, 11, tzinfo=UTC))
    assert PARSER.parse(moved) == expected


def test_a_kickoff_is_written_in_utc():
    """Whatever zone the time was given in."""
    lagos = START.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+01:00").tzinfo)
    assert PARSER.parse(SIMULATOR.with_kickoff(simulated_body(), lagos)).kickoff_at == START
    with pytest.raises(ValueError, match="STARTDATE"):
        SIMULATOR.with_kickoff(b"{}", START)


@pytest.mark.payloads
async def test_recorded_events_are_discovered_in_their_own_sport():
    """The lists are derived from the bodies, main prices included; basketball is not football."""
    events = []
    for name in ("prematch.json", "basketball.json"):
        event = SIMULATOR.read_recorded(payload("bet9ja", name))
        assert event is not None
        kickoff = START + timedelta(hours=30)
        body = SIMULATOR.with_kickoff(payload("bet9ja", name), kickoff)
        events.append(msgspec.structs.replace(event, body=body, kickoff_at=kickoff))
    source = FixedSource(events)
    client = Bet9ja(packaged_catalogue(), BASE_URL)
    (found,) = await client.discover(simulated_server(source), Window(START, START + timedelta(hours=48)))
    assert (found.sportradar_id, found.event_id) == ("68995116", "769895636")
    assert set(json.loads(ask(source, "GetSports").body)["D"]["PAL"]) == {"1", "2"}
    (row,) = json.loads(ask(source, "GetEventsInGroupV2", GROUPID=group_of(source), GROUPMARKETID="1").body)[
        "D"
    ]["E"]
    assert row["O"]["S_1X2_1"] == "2.42"


def test_it_is_a_simulator():
    """What `create` returns has the contract's members."""
    simulator: Simulator = SIMULATOR
    assert simulator.code == "bet9ja"
