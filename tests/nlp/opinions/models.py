"""A language model behind a local server, which says what a test tells it to."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

PATH = "/v1/chat/completions"
ASK = '{"intent": "vendor_request", "b2b": true, "probability": 0.95}'


def make_turn(content: object = ASK, **fields: object) -> dict[str, Any]:
    """Return what the model said, as the one choice of a completion."""
    return {
        "index": 0,
        "finish_reason": fields.pop("finish_reason", "stop"),
        "message": {"role": "assistant", "content": content, **fields},
    }


def make_answer(content: object = ASK, **fields: object) -> Response:
    """Return a completion with one choice."""
    body = {"id": "1", "object": "chat.completion", "choices": [make_turn(content, **fields)]}
    return Response(orjson.dumps(body), content_type="application/json")


def read_post(request: Request) -> str:
    """Return the text of the post in a request, without the marks around it."""
    content: str = orjson.loads(request.get_data())["messages"][1]["content"]
    return "\n".join(content.split("\n")[1:-2])


def serve(server: HTTPServer, answer: Response | Callable[[Request], Response]) -> str:
    """Let the server answer so; return the base address."""
    handler = server.expect_request(PATH, method="POST")
    if isinstance(answer, Response):
        handler.respond_with_response(answer)
    else:
        handler.respond_with_handler(answer)
    return server.url_for("/v1")


def start_server() -> Iterator[HTTPServer]:
    """Start a server that answers several requests at once; end it after the test."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server
