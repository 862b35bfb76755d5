"""What a record on each stream says, with its schema version; bytes to model and back.

A reader accepts the version before its own. Records of `events` are hints: ids, state and
revision, never text, author or link.
"""

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from askwatch.errors import BadRecordError
from askwatch.model.ids import EventId, PostId, SourceId, derive_event_id, post_key
from askwatch.model.lead import Understanding
from askwatch.model.post import Post

POSTS, LEADS, EVENTS = "posts", "leads", "events"


class _Record(BaseModel):
    """What all records share: a schema name with version, and bytes both ways."""

    model_config = ConfigDict(frozen=True)

    def to_bytes(self) -> bytes:
        return self.model_dump_json(exclude_defaults=True).encode("utf-8", "replace")

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Return the record.

        Raises:
            BadRecordError: The bytes are no such record; the message says what is wrong.
        """
        try:
            return cls.model_validate_json(value)
        except ValidationError as error:
            # Never the input itself: a message may end in a log.
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in error.errors(include_input=False, include_url=False)[:3]
            )
            raise BadRecordError(f"not a {cls.__name__} record: {faults}") from None


class PostKind(StrEnum):
    """What happened to a post."""

    OBSERVED = "observed"
    EDITED = "edited"
    DELETED = "deleted"
    AUTHOR_REMOVED = "author_removed"


class PostRecord(_Record):
    """Stream `posts`: a post was seen, edited, deleted, or its author removed."""

    event_id: EventId
    kind: PostKind
    at: AwareDatetime
    source_id: SourceId
    post_id: PostId = PostId("")
    revision: int = 1
    author_hash: str = ""  # keyed hash (model.ids.hash_author); "" when the source names nobody
    post: Post | None = None  # for observed and edited

    SCHEMA: ClassVar[str] = "post/1"

    @property
    def key(self) -> str:
        """Return the bus key; all removals of one author go under their hash."""
        return post_key(self.source_id, self.post_id or self.author_hash)


class LeadKind(StrEnum):
    """What the language stage says of a post."""

    FOUND = "found"
    CHANGED = "changed"  # the post was edited; said of every edited post, lead or not
    WITHDRAWN = "withdrawn"  # the post was deleted; said of every deleted post, lead or not
    AUTHOR_REMOVED = "author_removed"


class LeadRecord(_Record):
    """Stream `leads`: a post asks for a vendor or a candidate, or no longer does."""

    event_id: EventId
    kind: LeadKind
    at: AwareDatetime
    source_id: SourceId
    post_id: PostId = PostId("")
    revision: int = 1
    author_hash: str = ""
    post: Post | None = None  # for found and changed
    understanding: Understanding | None = None  # for found and changed

    SCHEMA: ClassVar[str] = "lead/1"

    @property
    def key(self) -> str:
        return post_key(self.source_id, self.post_id or self.author_hash)


class EventRecord(_Record):
    """Stream `events`: a hint that a lead or alert changed; readers look at the row."""

    event_id: EventId
    kind: str  # lead.created, lead.changed, alert.notified, ...
    at: AwareDatetime
    lead_id: str
    alert_id: str = ""
    expert_id: str = ""
    state: str = ""
    revision: int = 0

    SCHEMA: ClassVar[str] = "event/1"

    @property
    def key(self) -> str:
        return self.lead_id


def make_post_record(
    kind: PostKind, post: Post, *, at: AwareDatetime, author_hash: str
) -> PostRecord:
    """Return the record that says `post` was observed or edited."""
    return PostRecord(
        event_id=derive_event_id(POSTS, post.source_id, post.post_id, post.revision, kind),
        kind=kind,
        at=at,
        source_id=post.source_id,
        post_id=post.post_id,
        revision=post.revision,
        author_hash=author_hash,
        post=post,
    )


def make_lead_record(
    kind: LeadKind, record: PostRecord, *, at: AwareDatetime, understanding: Understanding | None
) -> LeadRecord:
    """Return what the language stage says of `record`."""
    return LeadRecord(
        event_id=derive_event_id(LEADS, record.source_id, record.key, record.revision, kind),
        kind=kind,
        at=at,
        source_id=record.source_id,
        post_id=record.post_id,
        revision=record.revision,
        author_hash=record.author_hash,
        post=record.post if understanding else None,
        understanding=understanding,
    )
