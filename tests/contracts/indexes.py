"""Opens an index of each kind for the contract suite, and makes documents for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from askwatch.clock import SystemClock
from askwatch.model.ids import LeadId
from askwatch.search.base import LeadIndex
from askwatch.search.query import LeadDocument, LeadPage, LeadQuery
from askwatch.search.sqlite import SqliteIndex

# Opens the index of a test once more, as another process would.
OpenIndex = Callable[[], LeadIndex]
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def make_document(lead_id: str, text: str = "", /, **changes: object) -> LeadDocument:
    """Return a document as a lead just found would have it."""
    document = LeadDocument(
        lead_id=LeadId(lead_id), revision=1, state="new", lane="alert", intent="vendor_request",
        lang="da", topic_ids=("accounting",), source_id="forum", text=text, published_at=NOW,
        found_at=NOW + timedelta(seconds=5), probability=0.9, value=0.5,
    )  # fmt: skip
    return replace(document, **changes)  # type: ignore[arg-type]  # tests name fields that exist


def put(index: LeadIndex, *documents: LeadDocument) -> None:
    index.put(documents)
    index.refresh()


def ids_of(page: LeadPage) -> list[str]:
    return [hit.document.lead_id for hit in page.hits]


def find(index: LeadIndex, text: str = "", **query: object) -> list[str]:
    """Return the ids of the first page."""
    return ids_of(index.search(LeadQuery(text=text, **query)))  # type: ignore[arg-type]  # as above


def read_all(index: LeadIndex, query: LeadQuery) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    while True:
        page = index.search(query)
        found += ids_of(page)
        if not page.next_cursor:
            assert len(found) == page.total
            return found
        assert len(page.hits) == query.limit
        query = replace(query, cursor=page.next_cursor)


@pytest.fixture
def open_sqlite_index(tmp_path: Path) -> Iterator[OpenIndex]:
    opened: list[LeadIndex] = []

    def open_index() -> LeadIndex:
        index = SqliteIndex(tmp_path / "search.db", clock=SystemClock())
        index.ensure()
        opened.append(index)
        return index

    yield open_index
    for index in opened:
        index.close()


@pytest.fixture
def open_elastic_index(elasticsearch_url: str) -> Iterator[OpenIndex]:
    from elasticsearch import Elasticsearch

    from askwatch.search.elastic import ElasticIndex

    opened: list[LeadIndex] = []
    prefix = f"test-{uuid4().hex[:8]}-"

    def open_index() -> LeadIndex:
        index = ElasticIndex(elasticsearch_url, prefix=prefix)
        index.ensure()
        opened.append(index)
        return index

    yield open_index
    for index in opened:
        index.close()
    with Elasticsearch(elasticsearch_url) as client:
        for name in client.indices.get(index=f"{prefix}*").body:
            client.indices.delete(index=name)


@pytest.fixture(
    params=[
        "open_sqlite_index",
        pytest.param("open_elastic_index", marks=pytest.mark.elasticsearch),
    ]
)
def open_index(request: pytest.FixtureRequest) -> OpenIndex:
    found: OpenIndex = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def index(open_index: OpenIndex) -> LeadIndex:
    return open_index()
