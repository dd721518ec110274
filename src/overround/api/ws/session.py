"""What one client says: its messages checked, bounded and carried out."""

from overround.api.ws.connections import Connection
from overround.api.ws.filters import OddsFilter, one_event, read_filter
from overround.api.ws.hub import Hub
from overround.api.ws.protocol import (
    CLOSE_FORBIDDEN,
    CLOSE_POLICY,
    MAX_TOPICS,
    MESSAGES_PER_S,
    ODDS,
    PLAIN,
    Subscribe,
    Unsubscribe,
    event_of,
    is_topic,
    read_message,
)
from overround.domain.access import reaches


class Session:
    """One client's side of the protocol."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub, self._connection = hub, connection

    def receive(self, text: str | bytes) -> None:
        """Carry out one message; what is wrong with it is answered, and too many of them end the connection."""
        if not self._connection.may_ask():
            self._connection.cut(CLOSE_POLICY, f"more than {MESSAGES_PER_S} messages a second")
            return
        try:
            message = read_message(text)
            if isinstance(message, Subscribe):
                self._subscribe(message, read_filter(message.filter))
            elif isinstance(message, Unsubscribe):
                self._unsubscribe(message)
            else:
                self._connection.say("pong", {})
        except ValueError as exc:
            self._refuse("bad_message", str(exc))

    def _subscribe(self, message: Subscribe, chosen: OddsFilter) -> None:
        who = self._connection.who
        if ODDS in message.topics and chosen.markets is None and not reaches(who.scope, "operator"):
            self._connection.cut(CLOSE_FORBIDDEN, "all markets of all events need a key of scope operator")
            return
        conflate_s = message.conflate_ms / 1000
        for topic in message.topics:
            since = message.since.get(topic)
            if not is_topic(topic):
                self._refuse("unknown_topic", f"there is no topic {topic}")
            elif topic not in self._connection.outbox.feeds and self._is_full():
                self._refuse("too_many_topics", f"at most {MAX_TOPICS} topics may be followed")
            elif topic in PLAIN:
                self._hub.follow_plain(self._connection, topic, conflate_s, since)
            else:
                sportradar_id = event_of(topic)
                wanted = chosen if sportradar_id is None else one_event(sportradar_id)
                self._hub.follow_odds(self._connection, topic, wanted, conflate_s, since)

    def _unsubscribe(self, message: Unsubscribe) -> None:
        for topic in message.topics:
            self._hub.connections.unfollow(self._connection, topic)

    def _is_full(self) -> bool:
        return len(self._connection.outbox.feeds) >= MAX_TOPICS

    def _refuse(self, code: str, detail: str) -> None:
        self._connection.say("error", {"code": code, "detail": detail})
