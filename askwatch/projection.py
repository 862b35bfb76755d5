"""Brings leads from the database into the feed's index: as they change, or all of them anew."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from askwatch.bus.base import Bus, Record
from askwatch.clock import Clock
from askwatch.errors import FencedError, RetryableError
from askwatch.events import EVENTS, EventRecord
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import LeadState
from askwatch.observe import DOCUMENTS_PROJECTED
from askwatch.process import Process
from askwatch.search.base import LeadIndex
from askwatch.search.query import LeadDocument, LeadQuery
from askwatch.settings import Settings
from askwatch.state import experts, leads
from askwatch.state.engine import Database, Transaction
from askwatch.state.leads import LeadRow
from askwatch.worker import Worker

log = logging.getLogger(__name__)

GROUP = "index"
_PAGE = 500
_INDEX_PAGE = 200
# Rows carry the time of the machine that changed them; clocks differ by less than this.
_CLOCK_SKEW = timedelta(minutes=5)
_PLACE = "place"
_BEGINNING = LeadId("")

Names = Mapping[ExpertId, str]
# Reads the page of leads behind a lead id.
ReadPage = Callable[[Transaction, LeadId], list[LeadRow]]


def make_projection(
    *, database: Database, bus: Bus, index: LeadIndex, clock: Clock, settings: Settings
) -> Process:
    """Return the process that follows the stream of events."""
    return Worker(
        name="index",
        stream=EVENTS,
        group=GROUP,
        bus=bus,
        handler=Projection(database=database, index=index),
        database=database,
        clock=clock,
        settings=settings,
    )


class Projection:
    """Handles events: they only say which rows to read again, so any order and number will do."""

    def __init__(self, *, database: Database, index: LeadIndex) -> None:
        self._database, self._index = database, index

    def handle(self, records: Sequence[Record]) -> None:
        hints = {EventRecord.from_bytes(record.value).lead_id for record in records}
        lead_ids = sorted(LeadId(lead_id) for lead_id in hints if lead_id)
        documents = self._database.read(
            partial(
                _read_documents,
                read_page=lambda transaction, _after: leads.find_leads(transaction, lead_ids),
            )
        )
        self._index.put(documents)
        DOCUMENTS_PROJECTED.inc(len(documents))
        # A row is there before its event; one that is gone was removed when its time was over.
        gone = set(lead_ids).difference(document.lead_id for document in documents)
        if gone:
            self._index.delete(sorted(gone))


def reindex(
    *,
    database: Database,
    index: LeadIndex,
    clock: Clock,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> int:
    """Build the index anew while searches and writes go on; return how many leads it has.

    Searches see the old version until the new one is complete. What changes meanwhile is written
    to both by whoever projects it, and read once more here, should nobody do so just now.

    Raises:
        FencedError: Another rebuild has taken over.
        RetryableError: Database or index do not answer; the old version stays.
        BadRecordError: The index refuses a lead for good; the old version stays.
    """
    began_at = clock.now()
    version = index.begin_rebuild()
    try:
        count = 0
        for page in _walk(database, _list_all):
            index.put_rebuild(version, page)
            count += len(page)
            on_progress(count)
        for page in _walk(database, _changed_since(began_at - _CLOCK_SKEW)):
            index.put_rebuild(version, page)
        index.finish_rebuild(version)
    except BaseException:
        _abandon(index, version)
        raise
    log.info("index rebuilt", extra={"version": version, "leads": count})
    return count


@dataclass(frozen=True, slots=True)
class Difference:
    """How an index differs from the database; changes still on their way are differences too."""

    missing: int = 0  # leads that the index does not have
    stale: int = 0  # leads that it has as they were
    surplus: int = 0  # documents without a lead

    @property
    def is_none(self) -> bool:
        return self == Difference()


def compare(*, database: Database, index: LeadIndex) -> Difference:
    """Return how `index` differs from the database, by the revision of every lead.

    Reads all of both, a page at a time, so it is for operators and tests.
    """
    indexed = _read_revisions(index)
    found = missing = stale = 0
    for page in _walk(database, _list_all):
        for document in page:
            revision = indexed.get(document.lead_id)
            found += revision is not None
            missing += revision is None
            stale += revision is not None and revision < document.revision
    return Difference(missing=missing, stale=stale, surplus=len(indexed) - found)


def make_document(lead: LeadRow, names: Names) -> LeadDocument:
    """Return what the feed may show of a lead; a stub when its text must not be shown any more."""
    if lead.state is LeadState.WITHDRAWN or not (lead.title or lead.text):
        return LeadDocument(lead_id=lead.lead_id, revision=lead.revision, state=lead.state.value)
    return LeadDocument(
        lead_id=lead.lead_id,
        revision=lead.revision,
        state=lead.state.value,
        lane=lead.lane.value,
        intent=lead.intent.value,
        lang=lead.lang,
        topic_ids=tuple(topic.topic_id for topic in lead.topics),
        source_id=lead.source_id,
        place=lead.place,
        region=_find_region(lead),
        title=lead.title,
        text=lead.text,
        author_name=lead.author_name,
        url=lead.url,
        owner_id=lead.owner_id or "",
        owner_name=names.get(lead.owner_id, "") if lead.owner_id else "",
        outcome=lead.outcome.value if lead.outcome else "",
        urgency=lead.urgency,
        probability=lead.probability,
        value=lead.value,
        published_at=lead.published_at,
        found_at=lead.found_at,
    )


def _find_region(lead: LeadRow) -> str:
    """Return the first place that the post names."""
    for entity in lead.entities:
        if entity.kind == _PLACE:
            return entity.value or entity.text
    return ""


def _list_all(transaction: Transaction, after: LeadId) -> list[LeadRow]:
    return leads.list_page(transaction, after=after, limit=_PAGE)


def _changed_since(at: datetime) -> ReadPage:
    return lambda transaction, after: leads.list_changed_since(
        transaction, at, after=after, limit=_PAGE
    )


def _walk(database: Database, read_page: ReadPage) -> Iterator[list[LeadDocument]]:
    """Yield all leads as documents, each page from a snapshot of its own."""
    after = _BEGINNING
    while True:
        documents = database.read(partial(_read_documents, read_page=read_page, after=after))
        if not documents:
            return
        yield documents
        after = documents[-1].lead_id


def _read_documents(
    transaction: Transaction, *, read_page: ReadPage, after: LeadId = _BEGINNING
) -> list[LeadDocument]:
    rows, names = read_page(transaction, after), experts.find_names(transaction)
    return [make_document(row, names) for row in rows]


def _read_revisions(index: LeadIndex) -> dict[LeadId, int]:
    index.refresh()
    query = LeadQuery(filters={"state": tuple(LeadState)}, limit=_INDEX_PAGE)
    revisions: dict[LeadId, int] = {}
    while True:
        page = index.search(query)
        revisions |= {hit.document.lead_id: hit.document.revision for hit in page.hits}
        if not page.next_cursor:
            return revisions
        query = replace(query, cursor=page.next_cursor)


def _abandon(index: LeadIndex, version: str) -> None:
    """Drop what was begun; should that fail too, the next rebuild does it."""
    try:
        index.abandon_rebuild(version)
    except (RetryableError, FencedError) as error:
        log.warning("rebuild not abandoned", extra={"version": version, "reason": str(error)})
