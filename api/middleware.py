"""What happens around every request: limits, security headers, metrics.

Written against ASGI itself, the one thing besides live.py that has to be `async`: none of it waits
for anything but the next layer.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import SAFE_METHODS, SESSION_COOKIE
from api.errors import make_problem, problem_response
from askwatch.clock import Clock
from askwatch.observe import REQUEST_SECONDS, REQUESTS

BODY_LIMIT_BYTES = 1_000_000
# Where the next layers find the body that was read.
BODY_KEY = "askwatch.body"
_KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # What is erased must not live on in caches.
    "Cache-Control": "no-store",
}
# One year, as browsers' preload lists ask for.
_ONLY_HTTPS = "max-age=31536000"


class SecurityHeaders:
    """Adds the headers that a handler has not set itself, and a session's renewed cookie."""

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._headers: Mapping[str, str] = SECURITY_HEADERS | (
            {"Strict-Transport-Security": _ONLY_HTTPS} if is_secure else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                cookie = scope.get("state", {}).get("session_cookie")
                said = headers.getlist("set-cookie")
                # Signing in and out set the cookie, too: then that is what holds.
                if cookie and not any(each.startswith(f"{SESSION_COOKIE}=") for each in said):
                    headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class RequestMetrics:
    """Counts requests by route template, never by what somebody typed as an address."""

    def __init__(self, app: ASGIApp, *, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = self._clock.monotonic()
        status = 500

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Here and not at the end: an event stream is answered at once, and ends late.
                route = _template(scope)
                REQUEST_SECONDS.labels(route=route).observe(self._clock.monotonic() - began_s)
            await send(message)

        try:
            await self._app(scope, receive, send_and_look)
        finally:
            method = scope["method"] if scope["method"] in _KNOWN_METHODS else "other"
            REQUESTS.labels(method=method, route=_template(scope), status=str(status)).inc()


class BodyLimit:
    """Reads the whole body of a write, and refuses one that is too large."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        is_too_large = declared.isdecimal() and int(declared) > BODY_LIMIT_BYTES
        try:
            body = None if is_too_large else await _read_body(receive)
        except ClientDisconnect:
            # Half a form must not do what a whole one would have said otherwise.
            return
        if body is None:
            problem = make_problem(
                413, f"the request has more than {BODY_LIMIT_BYTES} bytes: shorten the text"
            )
            # The rest is not read, so the connection cannot be used again.
            await problem_response(problem, {"Connection": "close"})(scope, receive, send)
            return
        scope[BODY_KEY] = body
        await self._app(scope, replay_body(body, receive), send)


def replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that tells `body` once, and then what `receive` tells."""
    is_told = False

    async def tell() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return tell


async def _read_body(receive: Receive) -> bytes | None:
    """Return the body; None when it is too large.

    Raises:
        ClientDisconnect: The caller went away in the middle of it.
    """
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT_BYTES:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _template(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "") or "none"
