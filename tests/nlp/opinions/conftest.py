"""A server in the place of a language model."""

from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from tests.nlp.opinions.models import start_server


@pytest.fixture
def model_server() -> Iterator[HTTPServer]:
    yield from start_server()
