"""Searches of the opportunity feed over a filled index."""

from collections.abc import Sequence
from dataclasses import replace

from askwatch.events import LeadRecord
from askwatch.model.ids import LeadId
from askwatch.model.lead import Lane
from askwatch.search.base import LeadIndex
from askwatch.search.query import LeadDocument, LeadQuery, SortField
from bench.figures import JSON_PARSE, Figure, percentile
from bench.filling import make_leads
from bench.room import KAFKA, SQLITE, Room

_COPIES = 5
_PUT = 200
_WORDS = ("anbefale", "recommend", "hosting", "webshop", "developer", "revisor", "Power BI")


def measure(room: Room) -> None:
    for mode in [SQLITE, KAFKA] if room.servers.is_complete else [SQLITE]:
        with room.opened(mode, with_servers=mode == KAFKA) as backends:
            records = make_leads(backends, room, room.amounts.leads)
            documents = [
                _make_document(each, copy)
                for copy in range(_COPIES)
                for each in records
            ]  # fmt: skip
            _search(room, backends.index, documents, "SQLite" if mode == SQLITE else "Elastic")


def _search(room: Room, index: LeadIndex, documents: Sequence[LeadDocument], engine: str) -> None:
    for start in range(0, len(documents), _PUT):
        index.put(documents[start : start + _PUT])
    index.refresh()
    for name, query in (
        ("newest first", LeadQuery()),
        ("words", LeadQuery(sort=SortField.RELEVANCE)),
        ("words and facets", LeadQuery(sort=SortField.RELEVANCE, with_facets=True)),
    ):
        durations_s: list[float] = []
        hits = 0
        for number in range(room.amounts.searches):
            words = "" if name == "newest first" else _WORDS[number % len(_WORDS)]
            began_s = room.clock.monotonic()
            page = index.search(replace(query, text=words))
            durations_s.append(room.clock.monotonic() - began_s)
            hits += page.total
        p99_ms = percentile(durations_s, 0.99) * 1000
        mix = f"{len(documents)} leads, {hits / len(durations_s):.0f} hits, p99 {p99_ms:.0f} ms"
        room.add(
            Figure(
                f"search, {name}, {engine}",
                len(durations_s),
                sum(durations_s),
                unit="searches",
                baseline=JSON_PARSE,
                mix=mix,
            )
        )


def _make_document(record: LeadRecord, copy: int) -> LeadDocument:
    post, understood = record.post, record.understanding
    if post is None or understood is None:
        raise ValueError("a found lead has a post and its understanding")
    return LeadDocument(
        lead_id=LeadId(f"{post.post_id}-{copy}"),
        revision=1,
        state="alerting" if understood.lane is Lane.ALERT else "review",
        lane=understood.lane.value,
        intent=understood.intent.value,
        lang=understood.lang,
        topic_ids=tuple(topic.topic_id for topic in understood.topics),
        source_id=post.source_id,
        title=post.title,
        text=post.text,
        probability=understood.probability,
        published_at=post.published_at,
        found_at=record.at,
    )
