"""An OpenAI-compatible endpoint, served locally."""

import threading
from collections.abc import Iterator

import httpx
import orjson
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from askwatch.clock import Clock, ManualClock, SystemClock
from askwatch.errors import ConfigurationError
from nlp.opinions.base import NoOpinionError
from nlp.opinions.endpoint import EndpointReader, EndpointTerms
from tests.nlp.opinions.models import PATH, make_answer, read_post, serve

KEY = "secret-key"


def make_reader(
    base_url: str, *, clock: Clock | None = None, timeout_s: float = 20.0, api_key: str = KEY
) -> EndpointReader:
    terms = EndpointTerms(base_url=base_url, model="m-7b", timeout_s=timeout_s, api_key=api_key)
    assert KEY not in repr(terms)
    return EndpointReader(terms, clock=clock or SystemClock())


def fail_to_read(reader: EndpointReader) -> NoOpinionError:
    with pytest.raises(NoOpinionError) as caught:
        reader.read("hello")
    reader.close()
    return caught.value


def test_the_model_is_asked_with_its_key_and_answers(model_server: HTTPServer) -> None:
    reader = make_reader(serve(model_server, make_answer()) + "/")
    assert reader.read("Who knows a good baker?").b2b == 0.9
    reader.close()
    ((request, _),) = model_server.log
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert orjson.loads(request.get_data())["model"] == "m-7b"
    assert read_post(request) == "Who knows a good baker?"
    assert reader.name == "openai:m-7b"


def test_without_a_key_none_is_sent(model_server: HTTPServer) -> None:
    reader = make_reader(serve(model_server, make_answer()), api_key="")
    reader.read("hello")
    reader.close()
    assert "authorization" not in model_server.log[0][0].headers


@pytest.mark.parametrize(
    ("status", "reason", "is_fault"),
    [
        (500, "rejected", True), (502, "rejected", True), (401, "rejected", True),
        (404, "rejected", True), (429, "rejected", True), (204, "rejected", True),
        (400, "refused", False), (413, "refused", False), (422, "refused", False),
    ],
)  # fmt: skip
def test_another_status_is_no_opinion(
    model_server: HTTPServer, status: int, reason: str, is_fault: bool
) -> None:
    error = fail_to_read(make_reader(serve(model_server, Response(status=status))))
    assert (error.reason, error.is_fault, error.status) == (reason, is_fault, status)
    assert len(model_server.log) == 1


@pytest.mark.parametrize(
    ("status", "header", "wait_s"),
    [
        (429, "120", 120.0),
        (503, "7", 7.0),
        (429, "soon", 0.0),
        (429, "9" * 30, 0.0),
        (500, "9", 0.0),
    ],
)
def test_a_busy_server_may_ask_to_wait(
    model_server: HTTPServer, status: int, header: str, wait_s: float
) -> None:
    answer = Response(status=status, headers={"Retry-After": header})
    assert fail_to_read(make_reader(serve(model_server, answer))).wait_s == wait_s


def test_a_redirect_is_not_followed(model_server: HTTPServer) -> None:
    there = model_server.url_for("/elsewhere")
    model_server.expect_request("/elsewhere").respond_with_response(make_answer())
    answer = Response(status=307, headers={"Location": there})
    error = fail_to_read(make_reader(serve(model_server, answer)))
    assert (error.reason, error.status) == ("rejected", 307)
    assert [request.path for request, _ in model_server.log] == [PATH]


def test_garbage_is_a_fault_of_the_server(model_server: HTTPServer) -> None:
    error = fail_to_read(make_reader(serve(model_server, Response("<html>sign in</html>"))))
    assert (error.reason, error.is_fault) == ("garbled", True)


def test_an_answer_without_end_is_cut_off(model_server: HTTPServer) -> None:
    def flood(request: Request) -> Response:
        return Response(b"x" * 1_024 for _ in range(1_000))

    assert fail_to_read(make_reader(serve(model_server, flood))).reason == "garbled"


def test_a_packed_answer_is_not_unpacked(model_server: HTTPServer) -> None:
    answer = make_answer()
    answer.headers["Content-Encoding"] = "gzip"
    reader = make_reader(serve(model_server, answer))
    reader.read("hello")
    reader.close()
    assert model_server.log[0][0].headers["accept-encoding"] == "identity"


def test_a_slow_answer_is_not_waited_for(model_server: HTTPServer) -> None:
    freed = threading.Event()

    def hang(request: Request) -> Response:
        freed.wait(20.0)
        return make_answer()

    error = fail_to_read(make_reader(serve(model_server, hang), timeout_s=0.2))
    freed.set()
    assert (error.reason, error.is_fault) == ("timeout", True)


def test_an_answer_that_drips_is_given_up(model_server: HTTPServer, clock: ManualClock) -> None:
    def drip(request: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            for _ in range(100):
                clock.advance(7.0)
                yield b" "

        return Response(pieces())

    error = fail_to_read(make_reader(serve(model_server, drip), clock=clock))
    assert (error.reason, error.is_fault) == ("timeout", True)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with HTTPServer(host="127.0.0.1") as server:
        url = server.url_for("/v1")
    error = fail_to_read(make_reader(url))
    assert (error.reason, error.is_fault) == ("unreachable", True)
    assert isinstance(error.__cause__, httpx.HTTPError)


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        (EndpointTerms("ftp://a/v1", "m", 1.0), "ASKWATCH_SECOND_OPINION: openai:"),
        (EndpointTerms("localhost:80/v1", "m", 1.0), "ASKWATCH_SECOND_OPINION: openai:"),
        (EndpointTerms("http://", "m", 1.0), "ASKWATCH_SECOND_OPINION: openai:"),
        (EndpointTerms("http://a:x/v1", "m", 1.0), "ASKWATCH_SECOND_OPINION: openai:"),
        (EndpointTerms("http://a/v1?key=1", "m", 1.0), "ASKWATCH_SECOND_OPINION: openai:"),
        (EndpointTerms("http://me:hush@a/v1", "m", 1.0), "ASKWATCH_SECOND_OPINION_API_KEY"),
        (EndpointTerms("http://a/v1", "", 1.0), "ASKWATCH_SECOND_OPINION_MODEL"),
        (EndpointTerms("http://a/v1", "m", 1.0, "a\nb"), "ASKWATCH_SECOND_OPINION_API_KEY"),
        (EndpointTerms("http://a/v1", "m", 1.0, "nøgle"), "ASKWATCH_SECOND_OPINION_API_KEY"),
        (
            EndpointTerms("http://a/v1", "m", 1.0, fields={"tools": []}),
            "ASKWATCH_SECOND_OPINION_BODY",
        ),
    ],
)
def test_terms_that_cannot_work_are_named(terms: EndpointTerms, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        EndpointReader(terms, clock=SystemClock())
    assert "hush" not in str(caught.value)
