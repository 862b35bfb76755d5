"""Fills the streams that a stage reads, so that it has something to work off."""

from askwatch.backends import Backends
from askwatch.bus.base import SCHEMA_HEADER, NewRecord
from askwatch.clock import Clock
from askwatch.events import LEADS, LeadKind, LeadRecord, PostKind, make_lead_record
from askwatch.model.ids import SourceId
from askwatch.model.lead import Lane
from askwatch.state import topics
from bench.posts import PostFile
from bench.room import Room
from collectors.intake import Intake
from collectors.replay import ReplayFile, ReplayProgress, replay_file

SOURCE = SourceId("bench")


def fill_posts(backends: Backends, posts: PostFile, clock: Clock) -> float:
    """Send all posts to the bus; return how many seconds that took."""
    began_s = clock.monotonic()
    replay_file(
        posts.path,
        database=backends.database,
        bus=backends.bus,
        settings=backends.settings,
        clock=clock,
        source_id=SOURCE,
    )
    return clock.monotonic() - began_s


def make_leads(backends: Backends, room: Room, count: int) -> list[LeadRecord]:
    """Return `count` records of asks that the language stage takes for leads."""
    from nlp.understand import Understander, index_topics

    understander = Understander()
    active = index_topics(backends.database.read(topics.list_active))
    intake = Intake(
        database=backends.database,
        bus=backends.bus,
        secret_key=backends.settings.secret_key,
        clock=room.clock,
    )
    found: list[LeadRecord] = []
    try:
        while len(found) < count:
            posts = room.make_posts(count, ask_share=1.0)
            file = ReplayFile(posts.path, source_id=SOURCE, intake=intake, clock=room.clock)
            for line in file.read(0, ReplayProgress()):
                post = line.record.post
                if post is None or line.record.kind is not PostKind.OBSERVED:
                    continue
                [understood] = understander.understand([post.full_text], topics=active)
                if understood.lane is not Lane.NONE:
                    found.append(
                        make_lead_record(
                            LeadKind.FOUND,
                            line.record,
                            at=room.clock.now(),
                            understanding=understood,
                        )
                    )
    finally:
        intake.close()
    return found[:count]


def fill_leads(backends: Backends, leads: list[LeadRecord]) -> None:
    """Send lead records to the bus."""
    producer = backends.bus.producer()
    try:
        producer.produce(
            LEADS,
            [
                NewRecord(lead.key, lead.to_bytes(), {SCHEMA_HEADER: LeadRecord.SCHEMA})
                for lead in leads
            ],
        )
    finally:
        producer.close()
