"""
The Python client of the live stream.

    async with connect("http://127.0.0.1:8000") as feed:
        async for change in feed.odds(markets=["3743"]):
            print(change.event.home, change.bookmaker, change.after)
"""

from overround.client.book import Book, Change
from overround.client.feed import Feed, Health, connect
from overround.client.following import Messages, Odds
from overround.client.messages import Competition, Event, Listing, Market, Message, Outcome, Source

__all__ = [
    "Book",
    "Change",
    "Competition",
    "Event",
    "Feed",
    "Health",
    "Listing",
    "Market",
    "Message",
    "Messages",
    "Odds",
    "Outcome",
    "Source",
    "connect",
]
