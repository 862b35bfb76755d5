"""The description of the API: what each operation may be refused with, and how to call it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import MEDIA_TYPE
from api.schemas.problems import Problem

_DESCRIPTION = """Finds public posts that ask for a vendor or a person, and tells who can answer.

People call it with their session (writes carry `X-CSRF-Token`, see `GET /api/v1/me`), machines with
`Authorization: Bearer ask_...`. Every refusal is a problem in the sense of RFC 9457. A POST, PUT or
DELETE with an `Idempotency-Key` can be sent again safely: the answer is the same, the effect is
not doubled."""
_SECURITY: dict[str, Any] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of `askwatch keys create`"},
    "session": {"type": "apiKey", "in": "cookie", "name": "askwatch_session"},
}
_IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 255},
    "description": "Chosen by the caller; the same request again is answered as the first time",
}
_CSRF_TOKEN: dict[str, Any] = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Wanted from those who call with a session",
}
_WRITES = ("post", "put", "delete")
# What any operation behind a sign-in can be refused with; writes more often.
_ALWAYS = {401: "Nobody is signed in", 403: "Not for this role", 503: "A part does not answer"}
_ON_WRITES = {
    413: "More than 1 MB",
    429: "Too many writes; Retry-After says when to go on",
}
_REASONS = {
    404: "There is no such thing",
    409: "Its state does not allow it, or somebody was faster",
    410: "The question is over",
    412: "It changed since the caller has seen it",
    422: "The request is not as it must be; `errors` says where",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may also be refused with these."""
    return {status: _problem(_REASONS[status]) for status in statuses}


def install_openapi(app: FastAPI) -> None:
    """Let `app` describe its JSON API completely, and its pages not at all."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _describe(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(described.pop("$defs"))
    schemas["Problem"] = described
    components["securitySchemes"] = _SECURITY
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api/"):
                _complete(operation, method)
    return schema


def _complete(operation: dict[str, Any], method: str) -> None:
    responses = operation["responses"]
    reasons = _ALWAYS | (_ON_WRITES if method in _WRITES else {})
    for status, reason in reasons.items():
        responses.setdefault(str(status), _problem(reason))
    if "422" in responses:
        responses["422"] = _problem(_REASONS[422])
    operation["responses"] = dict(sorted(responses.items()))
    operation["security"] = [{"key": []}, {"session": []}]
    if method in _WRITES:
        operation.setdefault("parameters", []).extend([_IDEMPOTENCY_KEY, _CSRF_TOKEN])


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
