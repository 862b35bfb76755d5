"""What only the Elasticsearch index must do, against a server that answers as it likes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from askwatch.errors import (
    BackendUnavailableError,
    BadRecordError,
    ConfigurationError,
    FencedError,
    InvalidRequestError,
)
from askwatch.search.elastic import ElasticIndex
from askwatch.search.query import LeadQuery
from tests.contracts.indexes import make_document

HEADERS = {"X-Elastic-Product": "Elasticsearch"}


class Node:
    """A node that says what it is told to say, and remembers what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.bulks: list[list[dict[str, Any]]] = []
        self.results: list[dict[str, Any]] = []
        self.building: list[str] = []
        server.expect_request("/_alias/leads-building", method="HEAD").respond_with_handler(
            lambda _request: Response(status=200 if self.building else 404, headers=HEADERS)
        )
        server.expect_request("/_alias/leads-building", method="GET").respond_with_handler(
            lambda _request: self._json(
                {name: {} for name in self.building}, 200 if self.building else 404
            )
        )
        server.expect_request("/_bulk").respond_with_handler(self._bulk)

    def _bulk(self, request: Request) -> Response:
        lines = [orjson.loads(line) for line in request.data.splitlines()]
        actions = [line["index"] for line in lines if "index" in line]
        self.bulks.append(actions)
        entries = [
            {"index": {"_index": each["_index"], "_id": each["_id"], "status": 200, **result}}
            for each, result in zip(actions, self._results(len(actions)), strict=True)
        ]
        has_errors = any("error" in entry["index"] for entry in entries)
        return self._json({"took": 1, "errors": has_errors, "items": entries})

    def _results(self, count: int) -> Sequence[dict[str, Any]]:
        return [*self.results, *[{}] * count][:count]

    def _json(self, content: object, status: int = 200) -> Response:
        return Response(orjson.dumps(content), status, HEADERS, content_type="application/json")


def failure(status: int, kind: str, **more: object) -> dict[str, Any]:
    reason = "the value 'secret words of a post' is wrong"
    return {"status": status, "error": {"type": kind, "reason": reason}, **more}


@pytest.fixture
def node(httpserver: HTTPServer) -> Node:
    return Node(httpserver)


@pytest.fixture
def index(node: Node) -> Iterator[ElasticIndex]:
    index = ElasticIndex(node.server.url_for("").rstrip("/"), prefix="")
    yield index
    index.close()


def test_every_write_carries_the_revision_and_insists_on_the_alias(
    index: ElasticIndex, node: Node
) -> None:
    index.put([make_document("1", revision=7)])
    assert node.bulks == [
        [
            {
                "_index": "leads", "_id": "1", "version": 7, "version_type": "external_gte",
                "require_alias": True,
            }
        ]
    ]  # fmt: skip


def test_a_newer_document_in_the_index_is_no_error(index: ElasticIndex, node: Node) -> None:
    node.results = [failure(409, "version_conflict_engine_exception")]
    index.put([make_document("1")])


@pytest.mark.parametrize("status", [429, 503])
def test_a_part_that_was_not_written_is_to_be_put_again(
    index: ElasticIndex, node: Node, status: int
) -> None:
    node.results = [
        {},
        failure(400, "bad", _index="leads-1"),
        failure(status, "es_rejected_execution_exception"),
    ]
    with pytest.raises(BackendUnavailableError, match="es_rejected_execution_exception"):
        index.put([make_document(str(number)) for number in range(5)])


def test_a_document_refused_for_good_is_named_without_its_text(
    index: ElasticIndex, node: Node
) -> None:
    node.results = [{}, failure(400, "document_parsing_exception", _index="leads-1")]
    with pytest.raises(BadRecordError, match=r"lead 1: .*document_parsing_exception") as caught:
        index.put([make_document("0"), make_document("1")])
    assert "secret" not in str(caught.value)


def test_a_writer_without_rights_is_told_what_to_set(index: ElasticIndex, node: Node) -> None:
    node.results = [failure(403, "security_exception")]
    with pytest.raises(ConfigurationError, match="ASKWATCH_SEARCH_URL"):
        index.put([make_document("1")])


def test_a_missing_live_index_is_to_be_tried_again(index: ElasticIndex, node: Node) -> None:
    node.results = [failure(404, "index_not_found_exception")]
    with pytest.raises(BackendUnavailableError, match="alias leads"):
        index.put([make_document("1")])


def test_a_rebuild_that_ends_while_both_versions_are_written_is_no_error(
    index: ElasticIndex, node: Node
) -> None:
    node.building = ["leads-2"]
    node.results = [{}, failure(404, "index_not_found_exception")]
    index.put([make_document("1")])
    assert [each["_index"] for each in node.bulks[0]] == ["leads", "leads-building"]


def test_two_versions_behind_one_alias_are_waited_out(index: ElasticIndex, node: Node) -> None:
    node.building = ["leads-2", "leads-3"]
    node.results = [{}, failure(400, "illegal_argument_exception")]
    with pytest.raises(BackendUnavailableError, match="alias leads-building"):
        index.put([make_document("1")])


def test_a_rebuild_whose_alias_goes_while_it_writes_is_fenced(
    index: ElasticIndex, node: Node
) -> None:
    node.building = ["leads-2"]
    node.results = [failure(404, "index_not_found_exception")]
    with pytest.raises(FencedError):
        index.put_rebuild("leads-2", [make_document("1")])


def test_of_two_rebuilds_in_the_same_moment_neither_goes_on(
    index: ElasticIndex, node: Node
) -> None:
    node.building = ["leads-other"]
    node.server.expect_request("/leads-other", method="DELETE").respond_with_json(
        {"acknowledged": True}, headers=HEADERS
    )
    deleted: list[str] = []

    def answer(request: Request) -> Response:
        if request.method == "DELETE":
            deleted.append(request.path)
        return Response(b'{"acknowledged": true}', headers=HEADERS, content_type="application/json")

    node.server.expect_request(re.compile("/leads-[0-9a-f]{12}")).respond_with_handler(answer)
    with pytest.raises(FencedError, match="same moment"):
        index.begin_rebuild()
    assert len(deleted) == 1


def test_many_and_large_documents_go_in_several_requests(index: ElasticIndex, node: Node) -> None:
    index.put([make_document(str(number)) for number in range(1200)])
    assert [len(bulk) for bulk in node.bulks] == [500, 500, 200]
    node.bulks.clear()
    # Six columns of 400 kB each: the second would make more than four megabytes.
    long = "langtord " * 44_000
    index.put([make_document(str(number), long) for number in range(2)])
    assert [len(bulk) for bulk in node.bulks] == [1, 1]


def test_a_search_that_the_node_refuses_is_an_invalid_request(
    index: ElasticIndex, node: Node
) -> None:
    node.server.expect_request("/leads/_search").respond_with_json(
        {"error": {"type": "search_phase_execution_exception", "reason": "x"}, "status": 400},
        status=400,
        headers=HEADERS,
    )
    with pytest.raises(InvalidRequestError):
        index.search(LeadQuery())


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_an_index_that_cannot_answer_is_unavailable(
    index: ElasticIndex, node: Node, status: int
) -> None:
    node.server.expect_request("/leads/_search").respond_with_json(
        {"error": {"type": "some_exception", "reason": "x"}, "status": status},
        status=status,
        headers=HEADERS,
    )
    with pytest.raises(BackendUnavailableError):
        index.check()


def test_a_server_that_is_something_else_is_named(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/leads/_search").respond_with_json({"hello": "world"})
    index = ElasticIndex(httpserver.url_for("").rstrip("/"), prefix="")
    with pytest.raises(ConfigurationError, match="not Elasticsearch 9"):
        index.check()
    index.close()


def test_nobody_listening_is_unavailable() -> None:
    index = ElasticIndex("http://127.0.0.1:9", prefix="")
    with pytest.raises(BackendUnavailableError, match="ConnectionError"):
        index.check()
    index.close()


@pytest.mark.parametrize(
    ("url", "prefix", "words"),
    [
        ("http://localhost:9200", "Upper-", "lower-case"),
        ("http://localhost:9200", "_x", "lower-case"),
        ("http://localhost", "", "ASKWATCH_SEARCH_URL"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_once(url: str, prefix: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        ElasticIndex(url, prefix=prefix)
