"""Fixtures of the contract suites."""

from tests.contracts.buses import open_bus, open_kafka_bus, open_sqlite_bus

__all__ = ["open_bus", "open_kafka_bus", "open_sqlite_bus"]
