"""The packaged model, loaded once for all tests."""

import pytest

from nlp.understand import Understander


@pytest.fixture(scope="session")
def understander() -> Understander:
    return Understander()
