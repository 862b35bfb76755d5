"""Borrows the real servers that run here, and leaves nothing behind in them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses; "" for what does not run."""

    kafka: str = ""
    postgres: str = ""
    elasticsearch: str = ""

    @property
    def is_complete(self) -> bool:
        return bool(self.kafka and self.postgres and self.elasticsearch)

    @property
    def missing(self) -> list[str]:
        """Return the names of what does not run."""
        named = {
            "Kafka": self.kafka,
            "PostgreSQL": self.postgres,
            "Elasticsearch": self.elasticsearch,
        }
        return [name for name, address in named.items() if not address]


@contextlib.contextmanager
def made_database(server: str) -> Iterator[str]:
    """Yield the address of a new empty database, and drop it."""
    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )


@contextlib.contextmanager
def removed_streams(servers: Servers, prefix: str) -> Iterator[None]:
    """Remove every stream and index whose name begins with `prefix` at the end."""
    try:
        yield
    finally:
        admin = KafkaAdminClient(bootstrap_servers=servers.kafka.split(","))
        try:
            admin.delete_topics([name for name in admin.list_topics() if name.startswith(prefix)])
        finally:
            admin.close()
        if servers.elasticsearch:
            with Elasticsearch(servers.elasticsearch) as client:
                for name in client.indices.get(index=f"{prefix}*"):
                    client.indices.delete(index=name)
