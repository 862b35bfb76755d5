"""Topics: what the company sells and knows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from api.audited import note_change
from api.auth import ApiCaller, require
from api.deps import Caller, GivenServices
from api.etags import check_if_match, content_etag
from api.openapi import problems
from api.schemas.company import Topics
from askwatch.errors import InvalidRequestError
from askwatch.model.expert import Role
from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic
from askwatch.state import topics
from askwatch.state.engine import Transaction

routes = APIRouter(prefix="/api/v1/topics", tags=["topics"])

Admin = Annotated[Caller, Depends(require(Role.ADMIN))]
IfMatch = Annotated[str, Header(description="ETag of the topic as the caller has seen it")]


@routes.get("", summary="List topics")
def list_all(services: GivenServices, _caller: ApiCaller) -> Topics:
    """Show all topics, by id."""
    return Topics(topics=tuple(services.database.read(topics.list_topics)))


@routes.get("/{topic_id}", summary="Show a topic", responses=problems(404, 422))
def show(
    services: GivenServices, _caller: ApiCaller, topic_id: TopicId, response: Response
) -> Topic:
    """Show one topic."""
    topic = services.database.read(lambda tx: topics.find_topic(tx, topic_id))
    response.headers["ETag"] = content_etag(topic)
    return topic


@routes.put("/{topic_id}", summary="Create or replace a topic", responses=problems(412, 422))
def put(
    services: GivenServices,
    caller: Admin,
    topic_id: TopicId,
    body: Topic,
    response: Response,
    if_match: IfMatch = "",
) -> Topic:
    """Write a topic whole; posts are looked at with it within a minute."""
    if body.topic_id != topic_id:
        raise InvalidRequestError("topic_id in the body is not the one in the address")
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        if if_match:
            check_if_match(if_match, content_etag(topics.find_topic(transaction, topic_id)))
        topics.put_topic(transaction, body, now=now)
        note_change(transaction, caller, "topic.put", topic_id, now=now)

    services.database.write(write)
    response.headers["ETag"] = content_etag(body)
    return body


@routes.delete(
    "/{topic_id}", status_code=204, summary="Remove a topic", responses=problems(404, 412, 422)
)
def remove(
    services: GivenServices, caller: Admin, topic_id: TopicId, if_match: IfMatch = ""
) -> None:
    """Forget a topic; leads found for it stay."""
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        check_if_match(if_match, content_etag(topics.find_topic(transaction, topic_id)))
        topics.remove_topic(transaction, topic_id)
        note_change(transaction, caller, "topic.remove", topic_id, now=now)

    services.database.write(write)
