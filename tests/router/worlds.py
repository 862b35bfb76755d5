"""A small company with a router around it, driven by hand: no thread, no sleeping."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from askwatch.bus.base import Record
from askwatch.clock import ManualClock
from askwatch.events import EventRecord, LeadKind, LeadRecord
from askwatch.model.alert import AlertState, Channel, DeliveryState
from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId, TopicId, derive_event_id
from askwatch.model.lead import Intent, Lane, TopicScore, Understanding
from askwatch.model.post import Author, Post
from askwatch.model.topic import Topic
from askwatch.settings import Settings
from askwatch.state import alerts, experts, leads, outbox, policies, timers, topics
from askwatch.state.alerts import AlertRow, DeliveryRow
from askwatch.state.engine import Database
from askwatch.state.leads import LeadRow
from router.channels.base import Card
from router.decisions import RouterDecisions
from router.delivery import DeliveryProcess
from router.stage import LeadHandler
from router.step import read_reach
from router.timers import TimerProcess

ANNA, BO, CARL = ExpertId("anna"), ExpertId("bo"), ExpertId("carl")
IDENTITY, CLOUD = TopicId("identity"), TopicId("cloud")
TOPICS = (
    Topic(
        topic_id=IDENTITY,
        name="Identity",
        names={"da": "Identitet"},
        phrases=("single sign-on", "Keycloak", "log ind"),
        examples=("Can anyone recommend somebody who hosts Keycloak?",),
    ),
    Topic(topic_id=CLOUD, name="Cloud hosting", phrases=("kubernetes hosting", "cloud drift")),
)
WITH_MAIL = Settings(secret_key="test-key", smtp_url="smtp://127.0.0.1:2525")
WITHOUT_MAIL = Settings(secret_key="test-key")


def make_expert(expert_id: ExpertId, **changes: Any) -> Expert:
    values: dict[str, Any] = {
        "expert_id": expert_id,
        "name": expert_id.capitalize(),
        "email": f"{expert_id}@example.org",
        "languages": {"en": 1.0, "da": 1.0},
        "topics": (IDENTITY,),
        "skills": ("Keycloak",),
        "profile": "Runs Keycloak for banks",
    }
    return Expert(**{**values, **changes})


def make_understanding(**changes: Any) -> Understanding:
    values: dict[str, Any] = {
        "lang": "en",
        "intent": Intent.VENDOR_REQUEST,
        "probability": 0.95,
        "probabilities": {Intent.VENDOR_REQUEST: 0.95},
        "b2b_probability": 0.9,
        "lane": Lane.ALERT,
        "topics": (TopicScore(topic_id=IDENTITY, probability=0.9),),
        "value": 0.6,
        "model": "test",
    }
    return Understanding(**{**values, **changes})


class RecordingChannel:
    """Takes every card, or fails as it is told."""

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.error: Exception | None = None

    def send(self, card: Card) -> str:
        self.cards.append(card)
        if self.error is not None:
            raise self.error
        return f"provider-{len(self.cards)}"


class World:
    """Everything of the router over one database, at one clock."""

    def __init__(
        self, database: Database, clock: ManualClock, settings: Settings = WITH_MAIL
    ) -> None:
        self.database, self.clock, self.settings = database, clock, settings
        reach = read_reach(settings)
        self.mail = RecordingChannel()
        self.handler = LeadHandler(database=database, reach=reach, clock=clock)
        self.timers = TimerProcess(database=database, reach=reach, clock=clock)
        self.decisions = RouterDecisions(database=database, settings=settings, clock=clock)
        self.delivery = DeliveryProcess(
            database=database,
            settings=settings,
            clock=clock,
            owner="test",
            mail=self.mail if settings.smtp_url else None,
        )
        for topic in TOPICS:
            database.write(partial(topics.put_topic, topic=topic, now=clock.now()))

    def put_experts(self, *people: Expert) -> None:
        self.clock.advance(0.001)
        now = self.clock.now()
        for each in people:
            self.database.write(partial(experts.put_expert, expert=each, now=now))

    def set_policy(self, **body: float) -> None:
        now = self.clock.now()
        self.database.write(lambda tx: policies.put_policy(tx, "routing", body, now=now))

    def make_post(self, post_id: str = "1", **changes: Any) -> Post:
        values: dict[str, Any] = {
            "source_id": SourceId("feed"),
            "post_id": PostId(post_id),
            "url": f"https://example.org/{post_id}",
            "title": "Keycloak",
            "text": "Can anyone recommend a company that hosts Keycloak in Europe?",
            "author": Author(author_id="a1", name="Ida", url="https://example.org/ida"),
            "published_at": self.clock.now() - timedelta(minutes=4),
            "observed_at": self.clock.now() - timedelta(seconds=1),
        }
        return Post(**{**values, **changes})

    def make_record(
        self,
        kind: LeadKind = LeadKind.FOUND,
        post: Post | None = None,
        understanding: Understanding | None = None,
        author_hash: str = "hash-1",
    ) -> LeadRecord:
        post = post or self.make_post()
        return LeadRecord(
            event_id=derive_event_id("leads", post.source_id, post.key, post.revision, kind),
            kind=kind,
            at=self.clock.now(),
            source_id=post.source_id,
            post_id=post.post_id,
            revision=post.revision,
            author_hash=author_hash,
            post=post if kind in {LeadKind.FOUND, LeadKind.CHANGED} else None,
            understanding=understanding or make_understanding()
            if kind in {LeadKind.FOUND, LeadKind.CHANGED}
            else None,
        )

    def handle(self, *records: LeadRecord) -> None:
        self.handler.handle([make_bus_record(each, self.clock.now()) for each in records])

    def find(self, post: Post | None = None, understanding: Understanding | None = None) -> LeadRow:
        """Let a post be found, and return its lead."""
        record = self.make_record(LeadKind.FOUND, post, understanding)
        self.handle(record)
        return self.lead_of(record.post_id)

    def lead_of(self, post_id: str) -> LeadRow:
        link = self.database.read(
            lambda tx: leads.find_by_post(tx, SourceId("feed"), PostId(post_id))
        )
        assert link is not None
        return self.lead(link.lead_id)

    def lead(self, lead_id: LeadId) -> LeadRow:
        return self.database.read(lambda tx: leads.find_lead(tx, lead_id))

    def all_leads(self) -> list[LeadRow]:
        return self.database.read(lambda tx: leads.list_page(tx, after=LeadId(""), limit=1000))

    def alerts(self, lead_id: LeadId) -> dict[ExpertId, AlertRow]:
        rows = self.database.read(lambda tx: alerts.list_for_lead(tx, lead_id))
        return {row.expert_id: row for row in rows}

    def alert_states(self, lead_id: LeadId) -> dict[ExpertId, AlertState]:
        return {key: row.state for key, row in self.alerts(lead_id).items()}

    def deliveries(self, lead_id: LeadId) -> list[DeliveryRow]:
        ids = [row.alert_id for row in self.alerts(lead_id).values()]
        return self.database.read(lambda tx: alerts.list_deliveries(tx, ids))

    def delivery_states(
        self, lead_id: LeadId
    ) -> dict[tuple[ExpertId, Channel, str], DeliveryState]:
        return {
            (row.expert_id, row.channel, row.kind): row.state for row in self.deliveries(lead_id)
        }

    def events(self) -> list[EventRecord]:
        rows = self.database.read(lambda tx: outbox.take_unsent(tx, limit=10_000))
        return [EventRecord.from_bytes(row.value) for row in rows]

    def timer_kinds(self, lead_id: LeadId) -> list[str]:
        far = self.clock.now() + timedelta(days=365)
        rows = self.database.read(lambda tx: timers.find_due(tx, now=far, limit=1000))
        return sorted(row.kind.value for row in rows if row.lead_id == lead_id)

    def deliver(self) -> None:
        """Bring what is due until nothing is."""
        while self.delivery.tick():
            pass

    def fire(self) -> None:
        """Let timers fire until none is due."""
        while self.timers.tick():
            pass

    def pass_time(self, duration_s: float, *, step_s: float = 30.0) -> None:
        """Let time go by, with all processes at work."""
        until = self.clock.now() + timedelta(seconds=duration_s)
        while self.clock.now() < until:
            left_s = (until - self.clock.now()).total_seconds()
            self.clock.advance(min(step_s, left_s))
            self.fire()
            self.deliver()


def make_bus_record(record: LeadRecord, at: datetime, offset: int = 0) -> Record:
    return Record(
        stream="leads",
        partition=0,
        offset=offset,
        key=record.key,
        value=record.to_bytes(),
        headers={"schema": LeadRecord.SCHEMA},
        appended_at=at,
    )


def kinds(events: Sequence[EventRecord]) -> list[str]:
    return [each.kind for each in events]
