"""Rejected posts that tests of the API begin with."""

from askwatch.model.feedback import Features
from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Post
from askwatch.state import rejected_posts
from askwatch.state.engine import Database
from askwatch.state.feedback import hash_post
from askwatch.state.rejected_posts import Rejected
from tests.api.rows import NOW


def put_rejected(database: Database, post_id: str = "1", text: str = "Nogen der kender X?") -> str:
    """Store one and return its id."""
    post = Post(
        source_id=SourceId("feed"),
        post_id=PostId(post_id),
        text=text,
        url="https://example.com/1",
        place="r/aarhus",
        lang_hint="da",
        published_at=NOW,
        observed_at=NOW,
    )
    sample = [Rejected(post, "hash", Features(probability=0.1))]
    database.write(lambda tx: rejected_posts.add(tx, sample, per_hour=100, now=NOW))
    return hash_post(post.source_id, post.post_id)
