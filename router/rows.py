"""Turns a post and what was understood of it into the rows of a lead."""

from datetime import timedelta

from askwatch.model.ids import LeadId, new_id
from askwatch.model.lead import Lane, LeadState, Understanding
from askwatch.model.post import Post
from askwatch.state.leads import LeadLinkRow, LeadRow
from router.step import Step

# What an edit of the post may change: its words, and what they mean.
TEXT_FIELDS = (
    "post_revision", "title", "text", "url", "author_name", "author_url", "lang", "entities",
    "reasons", "place",
)  # fmt: skip
MEANING_FIELDS = (
    "intent", "probability", "b2b_probability", "topic_id", "topics", "urgency", "value",
    "value_terms", "model",
)  # fmt: skip


def make_lead(step: Step, post: Post, understanding: Understanding, author_hash: str) -> LeadRow:
    """Return the row of a lead that was just found, not yet planned or written (revision 0)."""
    topics = understanding.topics
    is_certain = understanding.lane is Lane.ALERT
    return LeadRow(
        lead_id=LeadId(new_id()),
        state=LeadState.NEW if is_certain else LeadState.REVIEW,
        epoch=1,
        revision=0,
        lane=understanding.lane,
        intent=understanding.intent,
        probability=understanding.probability,
        b2b_probability=understanding.b2b_probability,
        lang=understanding.lang[:8],
        topic_id=topics[0].topic_id if topics else None,
        topics=topics,
        entities=understanding.entities,
        reasons=understanding.reasons,
        urgency=understanding.urgency[:8],
        value=understanding.value,
        value_terms=understanding.value_terms,
        model=understanding.model[:64],
        source_id=post.source_id,
        post_id=post.post_id,
        post_revision=post.revision,
        title=post.title,
        text=post.text,
        url=post.url,
        author_name=post.author.name,
        author_url=post.author.url,
        author_hash=author_hash,
        place=post.place,
        published_at=post.published_at,
        observed_at=post.observed_at,
        found_at=step.now,
        handed_in_by=post.handed_in_by,
        expires_at=step.now + timedelta(seconds=step.company.policy.expire_s),
        updated_at=step.now,
    )


def make_link(step: Step, lead_id: LeadId, post: Post, author_hash: str) -> LeadLinkRow:
    """Return the link from a lead to the place its ask stands in."""
    return LeadLinkRow(
        source_id=post.source_id,
        post_id=post.post_id,
        lead_id=lead_id,
        url=post.url,
        author_hash=author_hash,
        post_revision=post.revision,
        published_at=post.published_at,
        linked_at=step.now,
        is_withdrawn=False,
    )


def take_over(link: LeadLinkRow) -> dict[str, object]:
    """Return what changes in a lead that now stands under another of its links.

    Its words stand there as well; whose they were is no longer said.
    """
    return {
        "source_id": link.source_id,
        "post_id": link.post_id,
        "post_revision": link.post_revision,
        "url": link.url,
        "author_hash": link.author_hash,
        "author_name": "",
        "author_url": "",
        "place": "",
        "published_at": link.published_at,
    }
