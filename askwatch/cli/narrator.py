"""Tells on the terminal what happens, one calm line an event."""

import threading
from collections.abc import Callable
from functools import partial

from askwatch.backends import Backends
from askwatch.errors import BadRecordError, NotFoundError, RetryableError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.source import SourceKind
from askwatch.state import alerts, experts, leads, sources, topics
from askwatch.state.engine import Transaction

_POLL_S = 0.2
_SOURCES_EVERY = 10  # polls


class Narrator:
    """Follows the stream of events and the sources; lines wait until they are wanted."""

    def __init__(
        self,
        backends: Backends,
        *,
        say: Callable[[str], None],
        describe_because: Callable[..., str],
    ) -> None:
        self._backends, self._say, self._describe = backends, say, describe_because
        self._tail = backends.bus.tail(EVENTS)
        self._done: set[str] = {
            status.source_id
            for status in backends.database.read(sources.list_status)
            if status.state == "done"
        }

    def run(self, stop: threading.Event) -> None:
        """Tell what happens until `stop` is set."""
        polls = 0
        try:
            while not stop.is_set():
                try:
                    self._tell_events()
                    polls += 1
                    if polls % _SOURCES_EVERY == 0:
                        self._tell_sources()
                except RetryableError as error:
                    self._say(f"cannot follow what happens at the moment: {error}")
                    stop.wait(5.0)
        finally:
            self._tail.close()

    def _tell_events(self) -> None:
        for record in self._tail.poll(max_records=100, timeout_s=_POLL_S):
            try:
                event = EventRecord.from_bytes(record.value)
            except BadRecordError:
                continue  # of a newer version; whoever handles events says so
            line = self._backends.database.read(partial(self._describe_event, event=event))
            if line:
                self._say(line)

    def _describe_event(self, transaction: Transaction, *, event: EventRecord) -> str:
        if event.kind not in {"alert.notified", "lead.claimed", "lead.answered"}:
            return ""
        try:
            lead = leads.find_lead(transaction, LeadId(event.lead_id))
        except NotFoundError:
            return ""
        known = {each.topic_id: each.name for each in topics.list_topics(transaction)}
        topic = lead.intent.value.replace("_", " ")
        if lead.topic_id:
            topic = known.get(lead.topic_id, lead.topic_id)
        names = experts.find_names(transaction)
        link = f"{self._backends.settings.public_url}/questions/{lead.lead_id}"
        if event.kind == "alert.notified":
            expert_id = ExpertId(event.expert_id)
            alert = alerts.find_alert(transaction, lead.lead_id, expert_id)
            if alert is None:
                return ""
            why = self._describe(alert.because, "en", topic_names=known)
            name = names.get(expert_id, expert_id)
            first = name.split()[0]
            return (
                f"someone is asking about {topic} ({lead.lang}) -> {name}, because {first} {why}: "
                f"{link}"
            )
        if lead.owner_id is None:
            return ""
        verb = "has taken" if event.kind == "lead.claimed" else "has answered"
        return (
            f"{names.get(lead.owner_id, lead.owner_id)} {verb} the question about {topic}: {link}"
        )

    def _tell_sources(self) -> None:
        rows = self._backends.database.read(sources.list_rows)
        for row in rows:
            source_id, state = row.source.source_id, row.status.state
            if row.source.kind is not SourceKind.REPLAY:
                continue
            if state == "done" and source_id not in self._done:
                self._done.add(source_id)
                self._say(
                    f"the posts of {row.source.name!r} have run out "
                    f"({row.status.posts_read} read). See them again with "
                    "'askwatch replay demo --rate 1', or add a feed to your company file and "
                    "bring it in with 'askwatch apply company.toml'"
                )
