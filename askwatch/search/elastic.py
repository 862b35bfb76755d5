"""The index on Elasticsearch 9: versions behind an alias, documents versioned by revision."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from askwatch.errors import (
    AskwatchError,
    BackendUnavailableError,
    BadRecordError,
    ConfigurationError,
    FencedError,
    InvalidRequestError,
    RetryableError,
)
from askwatch.model.ids import LeadId, new_id
from askwatch.search.elastic_errors import BACKEND, translate_status, translated
from askwatch.search.elastic_query import (
    make_facet_search,
    make_search,
    read_facet,
    read_facet_page,
    read_hits,
)
from askwatch.search.elastic_schema import MAPPINGS, make_body, make_settings
from askwatch.search.query import FACET_FIELDS, LeadDocument, LeadPage, LeadQuery
from askwatch.search.question import Question, make_page, prepare
from askwatch.search.stored import StoredDocument, newest, store

_TIMEOUT_S = 10.0
# A request of a few megabytes at most, far below the 100 MB that a node takes.
_BULK_DOCUMENTS, _BULK_BYTES = 500, 4_000_000
_PREFIX = re.compile(r"(?:[a-z0-9][a-z0-9_.-]*)?")
_CONFLICT, _NOT_FOUND = 409, 404
_ALIAS_AT_FAULT = (400, _NOT_FOUND)


class ElasticIndex:
    """See `askwatch.search.base.LeadIndex`. Thread-safe.

    Searches and writes go through the alias of the live version; while a second alias exists,
    writes go through that one too. So a process learns of a rebuild and of its end from the
    cluster itself, in the moment it writes.
    """

    def __init__(self, url: str, *, prefix: str, shards: int = 1) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise ConfigurationError(
                f"ASKWATCH_STREAM_PREFIX: Elasticsearch takes no index that begins with {prefix!r}:"
                " use lower-case letters, digits, '-', '_' and '.'"
            )
        try:
            self._client = Elasticsearch(
                url,
                request_timeout=_TIMEOUT_S,
                max_retries=2,
                retry_on_timeout=True,
                retry_on_status=(502, 503, 504),
            )
        except ValueError as error:
            raise ConfigurationError(f"ASKWATCH_SEARCH_URL: {error}") from error
        self._live, self._building = f"{prefix}leads", f"{prefix}leads-building"
        self._shards = shards

    def ensure(self) -> None:
        with translated():
            if self._client.indices.exists_alias(name=self._live):
                return
            try:
                # Everybody who starts at the same time tries the same name: one wins.
                self._create(f"{self._live}-first", self._live)
            except BadRequestError as error:
                if error.message != "resource_already_exists_exception":
                    raise

    def put(self, documents: Sequence[LeadDocument]) -> None:
        stored = newest([store(document) for document in documents])
        aliases = self._written_aliases()
        for chunk in _chunks(stored):
            self._bulk([_write(alias, document) for alias in aliases for document in chunk])

    def delete(self, lead_ids: Sequence[LeadId]) -> None:
        aliases = self._written_aliases()
        for start in range(0, len(lead_ids), _BULK_DOCUMENTS):
            chunk = lead_ids[start : start + _BULK_DOCUMENTS]
            self._bulk(
                [
                    [{"delete": {"_index": alias, "_id": each}}]
                    for alias in aliases
                    for each in chunk
                ]
            )

    def search(self, query: LeadQuery) -> LeadPage:
        question = prepare(query)
        answer = self._search(make_search(question, with_facets=query.with_facets))
        found, total = read_hits(answer)
        facets: dict[str, dict[str, int]] = {}
        for name in FACET_FIELDS if query.with_facets else ():
            facets[name], is_complete = read_facet(answer, name)
            if not is_complete:
                facets[name] = self._read_long_facet(question, name)
        return make_page(question, found, total, facets)

    def refresh(self) -> None:
        with translated():
            self._client.indices.refresh(index=self._live)

    def count(self) -> int:
        with translated():
            return int(self._client.count(index=self._live)["count"])

    def begin_rebuild(self) -> str:
        with translated():
            for leftover in self._indices_behind(self._building):
                self._client.indices.delete(index=leftover, ignore_unavailable=True)
            name = f"{self._live}-{new_id()[:12]}"
            self._create(name, self._building)
            if self._indices_behind(self._building) != [name]:
                self._client.indices.delete(index=name)
                raise FencedError("another rebuild of the index began in the same moment")
        return name

    def put_rebuild(self, version: str, documents: Sequence[LeadDocument]) -> None:
        stored = newest([store(document) for document in documents])
        self._check_building(version)
        for chunk in _chunks(stored):
            # Through the alias, since a bulk would create an index that is no longer there.
            self._bulk([_write(self._building, document) for document in chunk], version=version)

    def finish_rebuild(self, version: str) -> None:
        self._check_building(version)
        with translated():
            self._client.indices.refresh(index=version)
            old = self._indices_behind(self._live)
            self._client.indices.update_aliases(
                actions=[
                    {"add": {"index": version, "alias": self._live}},
                    {"remove": {"index": version, "alias": self._building, "must_exist": True}},
                    *({"remove_index": {"index": each}} for each in old),
                ]
            )

    def abandon_rebuild(self, version: str) -> None:
        with translated():
            if version in self._indices_behind(self._building):
                self._client.indices.delete(index=version, ignore_unavailable=True)

    def check(self) -> None:
        self._search({"size": 0})

    def close(self) -> None:
        self._client.close()

    def _create(self, name: str, alias: str) -> None:
        self._client.indices.create(
            index=name, aliases={alias: {}}, mappings=MAPPINGS, settings=make_settings(self._shards)
        )

    def _indices_behind(self, alias: str) -> list[str]:
        try:
            return sorted(self._client.indices.get_alias(name=alias).body)
        except NotFoundError:
            return []

    def _written_aliases(self) -> list[str]:
        with translated():
            is_building = self._client.indices.exists_alias(name=self._building)
        return [self._live, self._building] if is_building else [self._live]

    def _check_building(self, version: str) -> None:
        with translated():
            if version not in self._indices_behind(self._building):
                raise _superseded(version)

    def _search(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            with translated():
                # Hits of some shards only would be taken for all there are.
                answer: Mapping[str, Any] = self._client.search(
                    index=self._live, allow_partial_search_results=False, **arguments
                ).body
        except BadRecordError as error:
            raise InvalidRequestError(f"this cannot be searched for: {error}") from error
        return answer

    def _read_long_facet(self, question: Question, name: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        after: Mapping[str, Any] | None = None
        while True:
            answer = self._search(make_facet_search(question, name, after))
            page, after = read_facet_page(answer, name)
            counts |= page
            if after is None:
                return counts

    def _bulk(self, writes: Sequence[list[dict[str, Any]]], *, version: str = "") -> None:
        """Send writes and look at the result of each.

        With `version`, it is that rebuild which writes: a missing alias means that it is over.
        """
        with translated():
            answer = self._client.bulk(operations=[line for write in writes for line in write])
        problems: list[AskwatchError] = []
        for entry in answer["items"] if answer["errors"] else ():
            ((_, result),) = entry.items()
            status = int(result["status"])
            # 409 says that something newer is there already, and so the write is done.
            if "error" not in result or status == _CONFLICT:
                continue
            if status == _NOT_FOUND and result["_index"] == self._building:
                if version:
                    raise _superseded(version)
                continue  # The rebuild has just ended; the live version was written as well.
            problems.append(self._explain(result))
        # What may heal comes first: then all of it is put again.
        for problem in sorted(problems, key=lambda each: not isinstance(each, RetryableError))[:1]:
            raise problem

    def _explain(self, result: Mapping[str, Any]) -> AskwatchError:
        """Return our error for a write that failed, without its reason: that can quote the text."""
        status, kind = int(result["status"]), str(result["error"]["type"])
        if result["_index"] in (self._live, self._building) and status in _ALIAS_AT_FAULT:
            # The alias led nowhere, or to two places: nothing is wrong with the document.
            return BackendUnavailableError(BACKEND, f"alias {result['_index']}: {kind}")
        problem = translate_status(status, kind)
        if isinstance(problem, BadRecordError):
            return BadRecordError(f"lead {result['_id']}: {problem}")
        if isinstance(problem, BackendUnavailableError):
            return BackendUnavailableError(BACKEND, f"a part was not written: {problem.reason}")
        return problem


def _write(alias: str, document: StoredDocument) -> list[dict[str, Any]]:
    action = {
        "_index": alias,
        "_id": document.lead_id,
        "version": document.revision,
        "version_type": "external_gte",
        "require_alias": True,
    }
    return [{"index": action}, make_body(document)]


def _delete(alias: str, lead_id: LeadId) -> list[dict[str, Any]]:
    return [{"delete": {"_index": alias, "_id": lead_id}}]


def _superseded(version: str) -> FencedError:
    return FencedError(f"version {version!r} of the index is no longer under construction")


def _chunks(documents: Sequence[StoredDocument]) -> Iterator[list[StoredDocument]]:
    """Yield parts that fit one request."""
    chunk: list[StoredDocument] = []
    size = 0
    for document in documents:
        length = sum(map(len, document.columns))
        if chunk and (len(chunk) >= _BULK_DOCUMENTS or size + length > _BULK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += length
    if chunk:
        yield chunk
