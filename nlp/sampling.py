"""Keeps a sample of rejected posts for people to look at, and lets go what was deleted."""

from collections.abc import Mapping, Sequence

from askwatch.clock import Clock
from askwatch.events import PostKind, PostRecord
from askwatch.model.feedback import Features
from askwatch.model.ids import derive_id
from askwatch.model.lead import Lane, Understanding
from askwatch.state import rejected_posts
from askwatch.state.engine import Database, Transaction
from askwatch.state.rejected_posts import Rejected

_WHOLE = 16**8
_GONE = frozenset({PostKind.DELETED, PostKind.EDITED})


class RejectedSampler:
    """Chooses by the hash of a post's id, so that reading a stream again changes nothing."""

    def __init__(self, *, database: Database, clock: Clock, share: float, per_hour: int) -> None:
        self._database, self._clock = database, clock
        self._share, self._per_hour = share, per_hour

    def belongs(self, record: PostRecord) -> bool:
        """Tell whether a post is in the sample if it is rejected."""
        place = int(derive_id("sample", record.source_id, record.post_id)[:8], 16)
        return place < self._share * _WHOLE

    def keep(self, records: Sequence[PostRecord], understood: Mapping[int, Understanding]) -> None:
        """Let go what these records delete or change, then keep what was rejected of them.

        `understood` is by the identity of the record.
        """
        gone = [record for record in records if record.kind in _GONE and record.post_id]
        removed = sorted(
            {
                record.author_hash
                for record in records
                if record.kind is PostKind.AUTHOR_REMOVED and record.author_hash
            }
        )
        sample = [
            Rejected(record.post, record.author_hash, Features.of(understanding))
            for record in records
            if record.post is not None
            and (understanding := understood.get(id(record))) is not None
            and self._is_rejected(record, understanding)
        ]
        if not (gone or removed or sample):
            return
        now = self._clock.now()

        def write(transaction: Transaction) -> None:
            for record in gone:
                rejected_posts.erase_of_post(transaction, record.source_id, record.post_id)
            for author_hash in removed:
                rejected_posts.erase_of_author(transaction, author_hash)
            rejected_posts.add(transaction, sample, per_hour=self._per_hour, now=now)

        self._database.write(write)

    def _is_rejected(self, record: PostRecord, understanding: Understanding) -> bool:
        return (
            record.kind is PostKind.OBSERVED
            and understanding.lane is Lane.NONE
            and record.post is not None
            and record.post.handed_in_by is None
            and bool(record.post.full_text.strip())
            and self.belongs(record)
        )
