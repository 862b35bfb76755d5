"""A world with topics and a question that several people were told about."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from fastapi.testclient import TestClient

from askwatch.model.ids import ExpertId, TopicId
from askwatch.model.topic import Topic
from askwatch.state import experts, topics
from tests.api.conftest import World
from tests.api.rows import NOW, put_alert, put_lead

SignIn: TypeAlias = Callable[..., TestClient]


@pytest.fixture
def asked(world: World) -> World:
    """Return a world in which astrid, bo and sanne were told about lead-1."""
    topic = Topic(topic_id=TopicId("plumbing"), name="Plumbing", names={"da": "VVS"})
    world.database.write(lambda tx: topics.put_topic(tx, topic, now=NOW))
    put_lead(world.database)
    for expert_id in ("astrid", "bo", "sanne"):
        put_alert(world.database, expert_id)
    return world


@pytest.fixture
def browse(asked: World) -> SignIn:
    """Return a function that signs somebody in as a browser: it asks for pages, in a language."""

    def sign_in(expert_id: str, locale: str = "en") -> TestClient:
        def speak(expert_id: ExpertId) -> None:
            expert = asked.database.read(lambda tx: experts.find_expert(tx, expert_id))
            changed = expert.model_copy(update={"locale": locale})
            asked.database.write(lambda tx: experts.put_expert(tx, changed, now=NOW))

        speak(ExpertId(expert_id))
        client = asked.sign_in(expert_id)
        client.headers["Accept"] = "text/html"
        return client

    return sign_in


def form_token(page: str) -> str:
    """Return the CSRF token of a page's first form."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
