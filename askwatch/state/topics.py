"""Topics of the company: whole models in rows."""

from datetime import datetime

from sqlalchemy import delete, select

from askwatch.errors import NotFoundError
from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic
from askwatch.state.engine import Transaction
from askwatch.state.tables import topics
from askwatch.state.upsert import upsert


def put_topic(transaction: Transaction, topic: Topic, *, now: datetime) -> None:
    """Create or replace a topic."""
    values: dict[str, object] = {
        "topic_id": topic.topic_id,
        "name": topic.name,
        "is_active": topic.is_active,
        "body": topic.model_dump(mode="json"),
        "updated_at": now,
    }
    transaction.execute(upsert(transaction, topics, values))


def remove_topic(transaction: Transaction, topic_id: TopicId) -> None:
    """Forget a topic; leads found for it keep its id.

    Raises:
        NotFoundError: There is no such topic.
    """
    if transaction.execute(delete(topics).where(topics.c.topic_id == topic_id)).rowcount == 0:
        raise NotFoundError("topic", topic_id)


def find_topic(transaction: Transaction, topic_id: TopicId) -> Topic:
    """Return one topic.

    Raises:
        NotFoundError: There is no such topic.
    """
    body = transaction.execute(select(topics.c.body).where(topics.c.topic_id == topic_id)).scalar()
    if body is None:
        raise NotFoundError("topic", topic_id)
    return Topic.model_validate(body)


def list_topics(transaction: Transaction) -> list[Topic]:
    """Return all topics, by id."""
    query = select(topics.c.body).order_by(topics.c.topic_id)
    return [Topic.model_validate(body) for body in transaction.execute(query).scalars()]


def list_active(transaction: Transaction) -> list[Topic]:
    """Return the topics that leads are found for now, by id."""
    return [topic for topic in list_topics(transaction) if topic.is_active]
