"""The company as the language stage knows it: its topics and what was learned from its taps."""

from askwatch.clock import Clock
from askwatch.model.topic import Topic
from askwatch.state import adaptations, topics
from askwatch.state.adaptations import AdaptationRow
from askwatch.state.engine import Database, Transaction
from nlp.configured import Configuration
from nlp.understand import index_topics

# How long a change of topics or of the adaptation may go unnoticed.
READ_EVERY_S = 3.0


class ActiveCompany:
    """What is configured now, read again every few seconds. Use it from one thread."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._next_read_s = float("-inf")
        self._topics: list[Topic] = []
        self._version = adaptations.NONE
        self._current = Configuration()

    def current(self) -> Configuration:
        """Return the active topics and the adaptation; neither, while there is none."""
        now_s = self._clock.monotonic()
        if now_s >= self._next_read_s:
            found, champion = self._database.read(_read)
            version = champion.version if champion else adaptations.NONE
            if found != self._topics or version != self._version:
                self._topics, self._version = found, version
                self._current = make_configuration(found, champion)
            self._next_read_s = now_s + READ_EVERY_S
        return self._current


def make_configuration(active: list[Topic], adaptation: AdaptationRow | None) -> Configuration:
    """Return topics and adaptation ready to be used."""
    index = index_topics(active)
    if adaptation is None:
        return Configuration(topics=index)
    return Configuration(topics=index, adaptation=adaptation.content, version=adaptation.version)


def _read(transaction: Transaction) -> tuple[list[Topic], AdaptationRow | None]:
    return topics.list_active(transaction), adaptations.find_champion(transaction)
