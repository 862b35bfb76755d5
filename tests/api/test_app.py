"""What every request gets, whatever it asks for: problems, headers, limits, metrics."""

import asyncio
import logging

import pytest
from fastapi.testclient import TestClient

from api.middleware import BODY_LIMIT_BYTES
from askwatch.errors import (
    BackendUnavailableError,
    ConfigurationError,
    FencedError,
    RecordTooLargeError,
)
from askwatch.observe import REQUESTS
from tests.api.conftest import World


def test_an_unknown_address_and_method_are_problems(world: World) -> None:
    client = world.sign_in("astrid")
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.json()["title"]) == (404, "Not Found")
    wrong = client.delete("/api/v1/leads")
    assert wrong.status_code == 405
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "GET" in wrong.headers["allow"]


def test_a_wrong_request_says_which_fields_and_never_repeats_them(world: World) -> None:
    client = world.sign_in("astrid")
    response = client.get("/api/v1/leads", params={"limit": "secret", "sort": "name", "qq": "x"})
    assert response.status_code == 422
    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"query.limit", "query.sort", "query.qq"}
    assert "secret" not in response.text


def test_broken_json_is_a_problem(world: World) -> None:
    client = world.sign_in("astrid")
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"\xff\xfe", b"[1]", b'"a\\u0000b"'):
        response = client.post("/api/v1/posts", content=body, headers=headers)
        assert response.status_code in (400, 422), body
        assert response.headers["content-type"] == "application/problem+json"


def test_a_request_that_is_too_large_is_refused(world: World) -> None:
    client = world.sign_in("astrid")
    big = b"x" * (BODY_LIMIT_BYTES + 1)
    for content in (big, iter([big[:600_000], big[600_000:]])):
        response = client.post("/api/v1/posts", content=content)
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"


def test_an_unexpected_error_tells_nothing_and_is_logged_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.index.error = ValueError("the text of a post")
    client = world.sign_in("astrid")
    quiet = TestClient(world.app, raise_server_exceptions=False, cookies=dict(client.cookies))
    with caplog.at_level(logging.ERROR):
        response = quiet.get("/api/v1/leads")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "the text of a post" not in response.text
    (record,) = [record for record in caplog.records if record.name == "api.errors"]
    assert record.getMessage() == "request failed"
    assert "the text of a post" not in str(record.__dict__)


def test_a_back_end_that_is_away_is_a_503_with_a_time_to_come_back(world: World) -> None:
    world.index.error = BackendUnavailableError("index", "connection refused at 10.0.0.7")
    response = world.sign_in("astrid").get("/api/v1/leads")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert "10.0.0.7" not in response.text


def test_a_record_that_is_too_large_is_a_413(world: World) -> None:
    world.index.error = RecordTooLargeError("key", 1_000_000, 900_000)
    assert world.sign_in("astrid").get("/api/v1/leads").status_code == 413


def test_every_answer_has_its_security_headers(world: World) -> None:
    for path in ("/healthz", "/api/v1/leads", "/nothing", "/sign-in"):
        headers = world.anonymous().get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


def test_long_answers_are_compressed(world: World) -> None:
    response = world.anonymous().get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"


def test_requests_are_counted_by_template(world: World) -> None:
    def count(route: str, status: str) -> float:
        return float(REQUESTS.labels(method="GET", route=route, status=status)._value.get())

    before = count("/api/v1/leads/{lead_id}", "404"), count("none", "404")
    client = world.sign_in("astrid")
    client.get("/api/v1/leads/some-lead")
    client.get("/no/such/page")
    after = count("/api/v1/leads/{lead_id}", "404"), count("none", "404")
    assert after == (before[0] + 1, before[1] + 1)
    metrics = client.get("/metrics")
    assert metrics.status_code == 200
    assert "askwatch_http_requests" in metrics.text
    assert "some-lead" not in metrics.text


def test_a_strange_method_is_one_label(world: World) -> None:
    def count() -> float:
        return float(REQUESTS.labels(method="other", route="none", status="404")._value.get())

    before = count()
    assert world.anonymous().request("BREW", "/coffee").status_code == 404
    assert count() == before + 1


def test_the_servers_own_line_about_a_failure_is_left_out(world: World) -> None:
    server_log = logging.getLogger("uvicorn.error")
    record = server_log.makeRecord(
        server_log.name, logging.ERROR, "", 0, "Exception in ASGI application\n", (), None
    )
    assert server_log.filter(record)
    with TestClient(world.app):
        assert not server_log.filter(record)
        record.msg = "Started server process"
        assert server_log.filter(record)
    record.msg = "Exception in ASGI application"
    assert server_log.filter(record)


def test_half_a_request_has_no_effect(world: World) -> None:
    """A caller that goes away in the middle of a form."""
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": b"email=astrid%40", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in",
        "query_string": b"", "headers": [], "client": ("127.0.0.1", 1),
        "server": ("testserver", 80), "scheme": "http", "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(world.app(scope, receive, send))
    assert sent == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(ConfigurationError("set ASKWATCH_X"), 500), (FencedError("late"), 503)],
)
def test_errors_that_are_not_the_callers_fault_tell_no_details(
    world: World, error: Exception, status: int
) -> None:
    world.index.error = error
    answer = world.sign_in("astrid").get("/api/v1/leads")
    assert answer.status_code == status
    assert str(error) not in answer.text
