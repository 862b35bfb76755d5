"""Fixtures of the contract suites."""

from tests.contracts.buses import open_bus, open_kafka_bus, open_sqlite_bus
from tests.contracts.indexes import index, open_elastic_index, open_index, open_sqlite_index

__all__ = [
    "index",
    "open_bus",
    "open_elastic_index",
    "open_index",
    "open_kafka_bus",
    "open_sqlite_bus",
    "open_sqlite_index",
]
