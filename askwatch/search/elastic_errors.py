"""Translates errors of elasticsearch-py into ours, by what the caller must do."""

from collections.abc import Iterator
from contextlib import contextmanager

import elastic_transport
import elasticsearch as es

from askwatch.errors import (
    AskwatchError,
    BackendUnavailableError,
    BadRecordError,
    ConfigurationError,
)

BACKEND = "Elasticsearch"
# The statuses of a node or a proxy that is busy, starting or gone for a while.
_TOO_MANY_REQUESTS, _TIMEOUT, _NOT_FOUND = 429, 408, 404
_NOT_LET_IN = (401, 403)
_KIND_LIMIT = 100


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of elasticsearch-py into ours."""
    try:
        yield
    except (elastic_transport.ApiError, es.TransportError) as error:
        raise translate(error) from error


def translate(error: elastic_transport.ApiError | es.TransportError) -> AskwatchError:
    """Return our error for `error`; what is not known otherwise may heal by itself.

    The message names status and type, never the reason: that can quote a document.
    """
    if isinstance(error, es.UnsupportedProductError):
        return ConfigurationError(f"what answers is not {BACKEND} 9: set ASKWATCH_SEARCH_URL")
    if isinstance(error, elastic_transport.ApiError):
        # A proxy may answer with a page; an error of the node itself is one word.
        return translate_status(error.meta.status, str(error.message)[:_KIND_LIMIT])
    if isinstance(error, es.SSLError):
        return ConfigurationError(
            f"{BACKEND} has no certificate that we trust ({error.message}): change its address, "
            "its certificate or this machine's authorities"
        )
    return BackendUnavailableError(BACKEND, type(error).__name__)


def translate_status(status: int, kind: str) -> AskwatchError:
    """Return our error for an answer of this status, whole or one entry of a bulk."""
    if status in _NOT_LET_IN:
        return ConfigurationError(
            f"{BACKEND} lets us not in ({status}, {kind}): give ASKWATCH_SEARCH_URL a user and "
            "password that may write the index"
        )
    if status == _NOT_FOUND:
        reason = f"{kind}: the index was never made, or is being replaced"
        return BackendUnavailableError(BACKEND, reason)
    if status in (_TOO_MANY_REQUESTS, _TIMEOUT) or status >= 500:
        return BackendUnavailableError(BACKEND, f"status {status}, {kind}")
    return BadRecordError(f"{BACKEND} refuses for good with status {status}, {kind}")
