"""Every error of elasticsearch-py and its transport becomes one of ours."""

import elastic_transport
import elasticsearch
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig

from askwatch.errors import (
    AskwatchError,
    BackendUnavailableError,
    BadRecordError,
    ConfigurationError,
)
from askwatch.search.elastic_errors import translate, translated

NODE = NodeConfig("http", "localhost", 9200)


def foreign_errors() -> list[type[Exception]]:
    found: list[type[Exception]] = []
    for module in (elasticsearch, elasticsearch.exceptions, elastic_transport):
        for each in vars(module).values():
            is_error = isinstance(each, type) and issubclass(each, Exception)
            if is_error and not issubclass(each, Warning) and each not in found:
                found.append(each)
    return found


def make_error(kind: type[Exception], status: int = 400, message: str = "some_type") -> Exception:
    if issubclass(kind, elastic_transport.ApiError):
        meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NODE)
        return kind(message, meta, {})
    return kind(message)


def test_there_are_errors_to_look_at() -> None:
    names = {kind.__name__ for kind in foreign_errors()}
    assert {"ConnectionError", "ConnectionTimeout", "TlsError", "NotFoundError"} <= names
    assert len(names) > 10


@pytest.mark.parametrize(
    "kind", foreign_errors(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_every_error_becomes_ours(kind: type[Exception]) -> None:
    with pytest.raises(AskwatchError) as caught, translated():
        raise make_error(kind)
    if issubclass(kind, elastic_transport.TlsError | elasticsearch.UnsupportedProductError):
        assert isinstance(caught.value, ConfigurationError)
    elif issubclass(kind, elastic_transport.ApiError):
        assert isinstance(caught.value, BadRecordError)
    else:
        assert isinstance(caught.value, BackendUnavailableError)


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        (400, BadRecordError),
        (401, ConfigurationError),
        (403, ConfigurationError),
        (404, BackendUnavailableError),
        (408, BackendUnavailableError),
        (413, BadRecordError),
        (429, BackendUnavailableError),
        (500, BackendUnavailableError),
        (503, BackendUnavailableError),
    ],
)
def test_the_status_decides(status: int, ours: type[AskwatchError]) -> None:
    error = make_error(elasticsearch.ApiError, status)
    assert isinstance(error, elasticsearch.ApiError)
    assert isinstance(translate(error), ours)


def test_a_page_of_a_proxy_is_cut() -> None:
    error = make_error(elasticsearch.ApiError, 502, "<html>" * 1000)
    assert isinstance(error, elasticsearch.ApiError)
    assert len(str(translate(error))) < 200
