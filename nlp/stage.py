"""Front door of stage 2: records of the stream `posts` come in, records of `leads` go out."""

import threading
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from askwatch.bus.base import SCHEMA_HEADER, Bus, NewRecord, Producer, Record
from askwatch.clock import Clock
from askwatch.events import (
    LEADS,
    POSTS,
    LeadKind,
    LeadRecord,
    PostKind,
    PostRecord,
    make_lead_record,
)
from askwatch.model.lead import Lane, Understanding
from askwatch.model.value import DEFAULT_WEIGHTS
from askwatch.observe import POSTS_UNDERSTOOD, UNDERSTAND_SECONDS
from askwatch.process import Process
from askwatch.settings import Settings
from askwatch.state import suppression
from askwatch.state.engine import Database, Transaction
from askwatch.worker import Worker
from nlp.company import ActiveCompany
from nlp.configured import ConfiguredUnderstander
from nlp.duties import Duties
from nlp.opinions import make_second_reader
from nlp.sampling import RejectedSampler
from nlp.value import add_post_terms

NAME = "nlp"
_UNDERSTOOD_KINDS = frozenset({PostKind.OBSERVED, PostKind.EDITED})


def make_process(
    *,
    database: Database,
    bus: Bus,
    settings: Settings,
    clock: Clock,
    owner: str,
) -> Process:
    """Return the language stage, its model loaded.

    Raises:
        ConfigurationError: The model of `settings.model_dir` cannot be used.
    """
    return Stage(database=database, bus=bus, settings=settings, clock=clock, owner=owner)


class Stage:
    """A worker over `posts`, the producer it writes to `leads` with, and duties beside it."""

    def __init__(
        self, *, database: Database, bus: Bus, settings: Settings, clock: Clock, owner: str
    ) -> None:
        self._bus = bus
        self._second = make_second_reader(settings, clock=clock)
        self._understander = ConfiguredUnderstander(settings.model_dir, second=self._second)
        self._handler = PostHandler(
            understander=self._understander,
            database=database,
            bus=bus,
            clock=clock,
            weights=settings.value_weights,
            sampler=RejectedSampler(
                database=database,
                clock=clock,
                share=settings.rejected_share,
                per_hour=settings.rejected_per_hour,
            ),
        )
        self._duties = Duties(
            database=database, bus=bus, settings=settings, clock=clock, owner=owner
        )
        self._worker = Worker(
            name=NAME,
            stream=POSTS,
            group=NAME,
            bus=bus,
            handler=self._handler,
            database=database,
            clock=clock,
            settings=settings,
        )

    def run(self, stop: threading.Event) -> None:
        """Understand posts until `stop` is set; learning and back-tests never hold them up."""
        duties = threading.Thread(target=self._duties.run, args=(stop,), name="duties")
        duties.start()
        try:
            self._worker.run(stop)
        finally:
            stop.set()
            duties.join()
            self._handler.close()
            if self._second is not None:
                self._second.close()

    def stats(self) -> Mapping[str, JsonValue]:
        """Return how far the worker is, what it found, and with which model."""
        return {
            **self._worker.stats(),
            **self._handler.stats(),
            **self._duties.stats(),
            "model": self._understander.model_name,
        }


class PostHandler:
    """Says on `leads` what became of each post; the same record again says the same again."""

    def __init__(
        self,
        *,
        understander: ConfiguredUnderstander,
        database: Database,
        bus: Bus,
        clock: Clock,
        weights: Mapping[str, float] = DEFAULT_WEIGHTS,
        sampler: RejectedSampler | None = None,
    ) -> None:
        self._understander, self._database, self._clock = understander, database, clock
        self._weights, self._sampler = weights, sampler
        self._company = ActiveCompany(database=database, clock=clock)
        self._producer: Producer = bus.producer()
        self._leads = 0

    def handle(self, records: Sequence[Record]) -> None:
        """See `askwatch.worker.Handler`."""
        posts = [PostRecord.from_bytes(record.value) for record in records]
        self._suppress([post for post in posts if post.kind is PostKind.AUTHOR_REMOVED])
        posts = self._drop_suppressed(posts)
        understood = self._understand(posts)
        if self._sampler is not None:
            self._sampler.keep(posts, understood)
        leads = [
            lead
            for post in posts
            if (lead := self._make_lead(post, understood.get(id(post)))) is not None
        ]
        if leads:
            self._producer.produce(
                LEADS,
                [
                    NewRecord(lead.key, lead.to_bytes(), {SCHEMA_HEADER: LeadRecord.SCHEMA})
                    for lead in leads
                ],
            )
            self._leads += len(leads)

    def stats(self) -> dict[str, JsonValue]:
        return {"lead_records": self._leads}

    def close(self) -> None:
        self._producer.close()

    def _suppress(self, removals: Sequence[PostRecord]) -> None:
        """Remember removed authors before anything is said of them."""
        hashes = sorted({removal.author_hash for removal in removals if removal.author_hash})
        if not hashes:
            return
        now = self._clock.now()

        def write(transaction: Transaction) -> None:
            for author_hash in hashes:
                suppression.add(transaction, author_hash, "account_deleted", now=now)

        self._database.write(write)

    def _drop_suppressed(self, posts: Sequence[PostRecord]) -> list[PostRecord]:
        """Return all records but the posts of authors who must not be stored."""
        authors = sorted({post.author_hash for post in posts if post.post and post.author_hash})
        if not authors:
            return list(posts)
        found = self._database.read(
            lambda transaction: suppression.find_suppressed(transaction, authors)
        )
        return [post for post in posts if post.post is None or post.author_hash not in found]

    def _understand(self, posts: Sequence[PostRecord]) -> dict[int, Understanding]:
        """Return what is understood, by the identity of the record in this batch."""
        asked = [post for post in posts if post.kind in _UNDERSTOOD_KINDS and post.post]
        if not asked:
            return {}
        began_s = self._clock.monotonic()
        configuration = self._company.current()
        results: dict[int, Understanding] = {}
        for is_complete in (False, True):
            some = [post for post in asked if _is_always_told(post) is is_complete]
            texts = [post.post.full_text for post in some if post.post]
            dates = [post.post.published_at.date() for post in some if post.post]
            understood = self._understander.understand(
                texts, configuration, is_complete=is_complete, posted_on=dates
            )
            for post, each in zip(some, understood, strict=True):
                if post.post:
                    results[id(post)] = add_post_terms(each, post.post, self._weights)
        UNDERSTAND_SECONDS.observe(self._clock.monotonic() - began_s)
        for result in results.values():
            POSTS_UNDERSTOOD.labels(lang=result.lang, lane=result.lane.value).inc()
        return results

    def _make_lead(
        self, record: PostRecord, understanding: Understanding | None
    ) -> LeadRecord | None:
        now = self._clock.now()
        if record.kind is PostKind.DELETED:
            return make_lead_record(LeadKind.WITHDRAWN, record, at=now, understanding=None)
        if record.kind is PostKind.AUTHOR_REMOVED:
            return make_lead_record(LeadKind.AUTHOR_REMOVED, record, at=now, understanding=None)
        if record.post is None or understanding is None:
            return None
        if record.kind is PostKind.EDITED:
            return make_lead_record(LeadKind.CHANGED, record, at=now, understanding=understanding)
        if understanding.lane is Lane.NONE and not _is_always_told(record):
            return None
        return make_lead_record(LeadKind.FOUND, record, at=now, understanding=understanding)


def _is_always_told(record: PostRecord) -> bool:
    """Tell whether the router hears of a post in any lane.

    It needs edits to look at its lead again, and whoever handed a post in is told what came of it.
    """
    if record.kind is PostKind.EDITED:
        return True
    return record.post is not None and record.post.handed_in_by is not None
