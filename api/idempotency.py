"""Answers a write that was sent twice with one Idempotency-Key as it was answered at first.

An ASGI layer like those of middleware.py, and `async` for the same reason; what waits for the
database does so in a thread.
"""

import hashlib
import logging
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import SAFE_METHODS, identify
from api.deps import Services
from api.errors import UnauthenticatedError, respond
from api.middleware import BODY_KEY
from askwatch.errors import AskwatchError, InvalidRequestError, RetryableError
from askwatch.state import idempotency
from askwatch.state.idempotency import Answer

log = logging.getLogger(__name__)

HEADER = "idempotency-key"
REPLAYED_HEADER = "Idempotency-Replayed"
_PREFIX = "/api/v1/"
_KEY_LIMIT = 255
_KEPT_HEADERS = ("content-type", "etag", "location")
# After these nothing has happened, so the same request may be tried again with its key.
_WITHOUT_EFFECT = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class _Reservation:
    """Whose request runs under which key."""

    actor: str
    key: str


class Idempotency:
    """Wraps the application; requests without the header pass through."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app, self._services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_meant(scope):
            await self._app(scope, receive, send)
            return
        begun = await run_in_threadpool(self._begin, Request(scope))
        if isinstance(begun, Response):
            await begun(scope, receive, send)
        elif begun is None:
            await self._app(scope, receive, send)
        else:
            await self._run(begun, scope, receive, send)

    async def _run(
        self, reservation: _Reservation, scope: Scope, receive: Receive, send: Send
    ) -> None:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        answer: Answer | None = None
        try:
            await self._app(scope, receive, collect)
            answer = _read_answer(messages)
        finally:
            # Kept before it is sent: who got an answer gets the same one again.
            await run_in_threadpool(self._end, reservation, answer)
        for message in messages:
            await send(message)

    def _begin(self, request: Request) -> _Reservation | Response | None:
        """Reserve the key; a response when there is one already, None when nobody calls."""
        try:
            return self._reserve(request)
        except UnauthenticatedError:
            return None
        except AskwatchError as error:
            return respond(error)

    def _reserve(self, request: Request) -> _Reservation | Response | None:
        caller = identify(request, self._services)
        if caller is None:
            return None
        key = request.headers[HEADER]
        if not 0 < len(key) <= _KEY_LIMIT or not key.isprintable():
            raise InvalidRequestError(f"an Idempotency-Key has 1 to {_KEY_LIMIT} characters")
        request_hash, now = _hash(request), self._services.clock.now()
        known = self._services.database.write(
            lambda tx: idempotency.begin(tx, caller.actor, key, request_hash=request_hash, now=now)
        )
        if known is None:
            return _Reservation(caller.actor, key)
        headers = known.headers | {REPLAYED_HEADER: "true"}
        return Response(known.body, status_code=known.status, headers=headers)

    def _end(self, reservation: _Reservation, answer: Answer | None) -> None:
        actor, key, database = reservation.actor, reservation.key, self._services.database
        try:
            if answer is None or answer.status >= 500 or answer.status in _WITHOUT_EFFECT:
                database.write(lambda tx: idempotency.release(tx, actor, key))
            else:
                database.write(lambda tx: idempotency.finish(tx, actor, key, answer))
        except RetryableError as error:
            # The change is made; what is lost is only that a repetition gets this answer.
            log.warning("answer not kept", extra={"reason": str(error)})


def _is_meant(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] not in SAFE_METHODS
        and scope["path"].startswith(_PREFIX)
        and HEADER in Headers(scope=scope)
    )


def _hash(request: Request) -> str:
    digest = hashlib.sha256()
    url = request.url
    for part in (request.method.encode(), url.path.encode(), url.query.encode()):
        digest.update(part + b"\n")
    digest.update(request.scope[BODY_KEY])
    return digest.hexdigest()


def _read_answer(messages: list[Message]) -> Answer | None:
    if not messages:
        return None
    headers = MutableHeaders(scope=messages[0])
    kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(messages[0]["status"], body, kept)
