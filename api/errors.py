"""Turns every error into an RFC 9457 problem; pages may show it as a page instead."""

import logging
import traceback
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeAlias

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.schemas.problems import FieldError, Owner, Problem
from askwatch.errors import (
    AlreadyClaimedError,
    AskwatchError,
    BadRecordError,
    FencedError,
    NotAllowedError,
    RecordTooLargeError,
    RequestError,
    RetryableError,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# A restart of a database or broker takes about this long; sooner tries only add load.
RETRY_AFTER_S = 5

# What add_pages may put on `app.state.problem_page`, to show people a page instead of JSON.
ProblemPage: TypeAlias = Callable[[Request, Problem], Response]


class UnauthenticatedError(RequestError):
    """Nobody is signed in, or the key is not one of ours."""

    status = 401


class SignInNeededError(HTTPException):
    """A page wants to know who is there; `location` is where to sign in and come back from."""

    def __init__(self, location: str) -> None:
        super().__init__(HTTPStatus.SEE_OTHER, "sign in first", {"Location": location})


class WrongTokenError(NotAllowedError):
    """A write came without the session's CSRF token, so another site may have sent it."""

    def __init__(self) -> None:
        super().__init__(
            "the form is too old or came from elsewhere: load the page again "
            "(machines: send the session's token as X-CSRF-Token)"
        )


class PreconditionError(RequestError):
    """The thing changed since the caller has seen it."""

    status = 412


class TooManyRequestsError(RequestError):
    """The caller asks more often than is good for the others."""

    status = 429

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"too many requests: try again in {retry_after_s} s")


def make_problem(status: int, detail: str = "", *, kind: str = "") -> Problem:
    """Return a problem; `kind` names it more closely than its status does."""
    title = HTTPStatus(status).phrase
    name = kind or title.lower().replace(" ", "-")
    return Problem(type=f"urn:askwatch:problem:{name}", title=title, status=status, detail=detail)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return `problem` as JSON."""
    body = problem.model_dump_json(exclude_defaults=True)
    return Response(
        body, status_code=problem.status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def install_error_handlers(app: FastAPI) -> None:
    """Let every error that a request can end in be answered with a problem."""
    app.add_exception_handler(AskwatchError, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


def wants_page(request: Request) -> bool:
    """Tell whether a browser asks for a page, and not a machine or a script for JSON."""
    is_api = request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))
    return not is_api and "text/html" in request.headers.get("accept", "")


def describe(error: AskwatchError) -> Problem:
    """Return what a caller may know of an error."""
    if isinstance(error, AlreadyClaimedError):
        problem = make_problem(409, str(error), kind="already-claimed")
        owner = Owner(expert_id=error.owner_id, name=error.owner_name)
        return problem.model_copy(update={"owner": owner})
    if isinstance(error, WrongTokenError):
        return make_problem(403, str(error), kind="wrong-csrf-token")
    if isinstance(error, RequestError):
        return make_problem(error.status, str(error))
    if isinstance(error, RecordTooLargeError):
        return make_problem(413, "this is more than can be taken: shorten the text")
    if isinstance(error, BadRecordError):
        return make_problem(422, "something in it cannot be kept: a NUL character, or too long")
    if isinstance(error, RetryableError | FencedError):
        return make_problem(503, "a part of the service does not answer: try again in a moment")
    return make_problem(500, "something went wrong here: try again, and tell whoever runs this")


def respond(error: AskwatchError) -> Response:
    """Return the answer to a request of the JSON API that ended in `error`."""
    problem, headers = _describe_and_log(error)
    return problem_response(problem, headers)


def _answer(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    if page is None or not wants_page(request):
        return problem_response(problem, headers)
    response = page(request, problem)
    response.headers.update(headers or {})
    return response


def _answer_ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, AskwatchError):
        return _answer_unexpected(request, error)
    problem, headers = _describe_and_log(error)
    return _answer(request, problem, headers)


def _describe_and_log(error: AskwatchError) -> tuple[Problem, dict[str, str]]:
    problem = describe(error)
    if isinstance(error, TooManyRequestsError):
        return problem, {"Retry-After": str(error.retry_after_s)}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.warning("request not served", extra={"reason": str(error)})
        return problem, {"Retry-After": str(RETRY_AFTER_S)}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        return problem, {"WWW-Authenticate": "Bearer"}
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log_failure(error)
    return problem, {}


def _answer_invalid(request: Request, error: Exception) -> Response:
    problem = make_problem(422, "the request is not as it must be: see errors")
    if isinstance(error, RequestValidationError):
        errors = tuple(
            FieldError(field=".".join(map(str, fault["loc"])), detail=fault["msg"])
            for fault in error.errors()
        )
        problem = problem.model_copy(update={"errors": errors})
    return _answer(request, problem)


def _answer_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status_code=status, headers=headers)
    details = {
        404: "there is nothing at this address",
        405: "this address does not know that method",
        413: "this is more than can be taken",
    }
    return _answer(request, make_problem(status, details.get(status, "")), headers)


def _answer_unexpected(request: Request, error: Exception) -> Response:
    _log_failure(error)
    return _answer(request, make_problem(500, "something went wrong here: try again"))


def _log_failure(error: Exception) -> None:
    # Files and lines, never values: a message may hold a post's text.
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("request failed", extra={"reason": type(error).__name__, "trace": trace})
