"""What happens to the text of a hand-in: it goes to the stream of posts, and may be taken back.

The stream comes first and the row second, each step harmless when done again: ids are derived,
so a record said twice counts once. A row says `received` only after the bus has acknowledged the
text; when the process dies in between, the row still asks for the text and nothing is lost
unnoticed.
"""

from datetime import date, datetime

from askwatch.clock import Clock
from askwatch.errors import NotFoundError
from askwatch.events import PostKind
from askwatch.model.post import TEXT_LIMIT
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import hand_ins, sources
from askwatch.state.engine import Database, Transaction
from askwatch.state.hand_ins import HAND_IN_SOURCE, HandIn
from askwatch.state.sources import Report, SourceRow
from collectors.intake import Intake, make_deletion
from collectors.normalise import Draft, normalise

# Letters: "Kender nogen en VVS'er?" has 18; below this nobody can tell what is asked.
TEXT_MINIMUM = 15
# The post is revision 1; taking it back comes after it.
_TAKEN_BACK = 2


class HandInPosts:
    """Passes the texts of hand-ins on. Thread-safe."""

    def __init__(self, *, database: Database, intake: Intake, clock: Clock) -> None:
        self._database, self._intake, self._clock = database, intake, clock

    def pass_on(
        self, hand_in: HandIn, *, title: str, text: str, published_at: datetime | None = None
    ) -> str:
        """Produce the post, then say `received`; return the state the hand-in is in after that.

        A hand-in that was withdrawn meanwhile is taken back on the stream as well.

        Raises:
            RefusedPostError: Nothing readable is left of the text.
            RetryableError: Not acknowledged; do it again.
        """
        now = self._clock.now()
        draft = Draft(
            post_id=hand_in.hand_in_id,
            url=hand_in.url,
            title=title,
            text=text,
            published_at=published_at,
            handed_in_by=hand_in.expert_id,
        )
        post = normalise(draft, source_id=HAND_IN_SOURCE, now=now)
        self._intake.produce(HAND_IN_SOURCE, [self._intake.record(PostKind.OBSERVED, post)])

        def write(transaction: Transaction) -> str:
            if hand_ins.set_received(transaction, hand_in.hand_in_id, now=now):
                _count(transaction, now)
            return hand_ins.find(transaction, hand_in.hand_in_id).state

        state = self._database.write(write)
        if state == hand_ins.WITHDRAWN:
            self.take_back(hand_in)
        return state

    def take_back(self, hand_in: HandIn) -> None:
        """Say on the stream that the post is gone; also where nobody can tell whether it came."""
        gone = make_deletion(HAND_IN_SOURCE, hand_in.post_id, _TAKEN_BACK, at=self._clock.now())
        self._intake.produce(HAND_IN_SOURCE, [gone])


def ensure_source(transaction: Transaction, *, now: datetime) -> SourceRow:
    """Return the row of the source of all hand-ins; make it where nobody has yet."""
    try:
        return sources.find_row(transaction, HAND_IN_SOURCE)
    except NotFoundError:
        sources.put_source(transaction, _built_in(now.date()), now=now)
        return sources.find_row(transaction, HAND_IN_SOURCE)


def is_too_short(text: str) -> bool:
    """Tell whether nobody could say what such a text asks."""
    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT]
    return sum(map(str.isalnum, text)) < TEXT_MINIMUM


def _count(transaction: Transaction, now: datetime) -> None:
    row = ensure_source(transaction, now=now)
    status = row.status
    result = Report(
        state=status.state,
        posts=1,
        message=status.last_error,
        last_post_at=now,
        next_read_at=row.next_read_at,
    )
    sources.report(transaction, HAND_IN_SOURCE, result, now=now)


def _built_in(today: date) -> Source:
    # A company that wants other words or a shorter retention puts a row of its own.
    permission = Permission(
        permission_basis="brought by a colleague who was shown the post",
        approved_by="built in",
        approved_on=today,
    )
    return Source(
        source_id=HAND_IN_SOURCE,
        kind=SourceKind.HAND_IN,
        name="Handed in by colleagues",
        permission=permission,
    )
