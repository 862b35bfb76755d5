"""One read of a feed: its entries become posts, and what was odd about them becomes a sentence."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Post
from collectors.feed_document import FeedDocument
from collectors.feed_options import FeedOptions
from collectors.normalise import Draft, RefusedPostError, choose_post_id, normalise


class FeedRead:
    """Goes through a feed once."""

    def __init__(
        self, feed: FeedDocument, options: FeedOptions, *, source_id: SourceId, now: datetime
    ) -> None:
        self._feed, self._options = feed, options
        self._source_id, self._now = source_id, now
        self._taken: set[PostId] = set()
        self.empty = 0

    def pieces(self) -> Iterator[list[Post]]:
        """Yield the posts of the newest entries, each post once."""
        for drafts in self._feed.pieces(self._options.max_posts):
            yield self._normalise(drafts)

    @property
    def deleted(self) -> list[PostId]:
        return [choose_post_id(each) for each in self._feed.deleted]

    @property
    def trouble(self) -> str:
        return self._feed.trouble

    @property
    def left_out(self) -> int:
        return max(0, self._feed.size - self._options.max_posts)

    @property
    def message(self) -> str:
        """Return what an operator should know though the read went well; "" when all is fine."""
        said = [self.trouble] if self.trouble else []
        if self.empty:
            said.append(f"{self.empty} entries hold no words and were left out")
        if self.left_out:
            said.append(
                f"{self.left_out} of {self._feed.size} entries, the oldest, were left out: "
                f"options.max_posts is {self._options.max_posts}"
            )
        return "; ".join(said)

    def _normalise(self, drafts: Sequence[Draft]) -> list[Post]:
        repeated = _find_repeated(drafts)
        posts = []
        for draft in drafts:
            # One id for several pages is none; their addresses tell them apart.
            post_id = "" if draft.post_id in repeated else draft.post_id
            given = replace(draft, post_id=post_id, lang=draft.lang or self._options.lang)
            try:
                post = normalise(given, source_id=self._source_id, now=self._now)
            except RefusedPostError:
                self.empty += 1
                continue
            if post.post_id not in self._taken:
                self._taken.add(post.post_id)
                posts.append(post)
        return posts


def _find_repeated(drafts: Sequence[Draft]) -> set[str]:
    """Return the ids that several entries with different addresses share."""
    addresses = defaultdict[str, set[str]](set)
    for draft in drafts:
        addresses[draft.post_id].add(draft.url)
    return {post_id for post_id, urls in addresses.items() if len(urls) > 1}
