"""Sets of back ends that the same story runs on."""

from collections.abc import Iterator, Mapping
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql
from pytest_httpserver import HTTPServer

from tests.e2e.site import Site


@pytest.fixture
def embedded() -> Mapping[str, str]:
    return {}


@pytest.fixture
def production(
    kafka_servers: str, elasticsearch_url: str, postgres_server: str
) -> Iterator[Mapping[str, str]]:
    name = f"e2e_{uuid4().hex[:10]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {
            "ASKWATCH_BUS_URL": f"kafka://{kafka_servers}",
            "ASKWATCH_STATE_URL": f"{postgres_server.rpartition('/')[0]}/{name}",
            "ASKWATCH_SEARCH_URL": elasticsearch_url,
            "ASKWATCH_STREAM_PREFIX": f"{name}-",
            "ASKWATCH_STREAM_PARTITIONS": "3",
            "ASKWATCH_SECRET_KEY": uuid4().hex,
        }
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(
    params=[
        "embedded",
        pytest.param(
            "production",
            marks=[pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.postgres],
        ),
    ]
)
def backend_settings(request: pytest.FixtureRequest) -> Mapping[str, str]:
    found: Mapping[str, str] = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    return Site(httpserver)


@pytest.fixture
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium_path,
            chromium_sandbox=False,
            args=["--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
        )
        yield launched
        launched.close()
