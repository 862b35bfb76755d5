"""Fixtures of the router's tests."""

import pytest

from askwatch.clock import ManualClock
from askwatch.state.engine import Database
from tests.router.worlds import ANNA, BO, WITHOUT_MAIL, World, make_expert


@pytest.fixture
def world(database: Database, clock: ManualClock) -> World:
    """Return a company of two on both databases: Monday, 11 o'clock in Copenhagen."""
    made = World(database, clock)
    made.put_experts(make_expert(ANNA), make_expert(BO, skills=(), profile="Cloud and identity"))
    return made


@pytest.fixture
def small_world(sqlite_database: Database, clock: ManualClock) -> World:
    """Return the same on SQLite alone, for what does not depend on the database."""
    made = World(sqlite_database, clock)
    made.put_experts(make_expert(ANNA), make_expert(BO, skills=(), profile="Cloud and identity"))
    return made


@pytest.fixture
def inbox_world(sqlite_database: Database, clock: ManualClock) -> World:
    """Return a company without a mail server."""
    made = World(sqlite_database, clock, WITHOUT_MAIL)
    made.put_experts(make_expert(ANNA), make_expert(BO, skills=(), profile="Cloud and identity"))
    return made
