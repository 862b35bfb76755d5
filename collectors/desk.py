"""The desk where colleagues hand in posts; runs inside the API, so it never loads scrapy.

A row is written before the text goes to the stream, because what came of a post is noted in its
row. Until the bus has acknowledged the text, that row asks for it: a process that dies in between
leaves a hand-in that says so, and handing it in again goes on with the same one.
"""

from urllib.parse import urlsplit, urlunsplit

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import ConflictError, InvalidRequestError, NotFoundError
from askwatch.model.desk import Handed
from askwatch.model.ids import ExpertId, derive_id
from askwatch.settings import Settings
from askwatch.state import hand_ins
from askwatch.state.engine import Database, Transaction
from askwatch.state.hand_ins import FETCHING, HAND_IN_SOURCE, NEEDS_TEXT, WITHDRAWN, HandIn
from collectors.closed_sites import find_closed_site
from collectors.hand_in_post import TEXT_MINIMUM, HandInPosts, ensure_source, is_too_short
from collectors.intake import Intake
from collectors.normalise import MARKUP_LIMIT, TITLE_LIMIT, URL_LIMIT, clean_text
from collectors.permission import find_objection

NOT_PASSED_ON = "the text did not get through: bring it again"
NOT_READ = "pages behind links are not read at the moment: paste the text of the post"


class Desk:
    """See `askwatch.model.desk.HandInDesk`."""

    def __init__(self, *, database: Database, bus: Bus, settings: Settings, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._intake = Intake(
            database=database, bus=bus, secret_key=settings.secret_key, clock=clock
        )
        self._posts = HandInPosts(database=database, intake=self._intake, clock=clock)

    def hand_in(self, expert_id: ExpertId, *, url: str, title: str = "", text: str = "") -> Handed:
        url, title, text = _check_url(url), clean_text(title)[:TITLE_LIMIT], _check_text(text)
        # The title of a shared page says little; the page itself says more.
        has_text = not is_too_short(text if url else title + text)
        if not url and not has_text:
            raise InvalidRequestError(
                f"bring a link, or the text of the post ({TEXT_MINIMUM} letters or more)"
            )
        identity = (str(expert_id), _same_page(url)) if url else (str(expert_id), title, text)
        reason = NOT_PASSED_ON if has_text else find_closed_site(url)
        hand_in = self._open(expert_id, identity, url=url, reason=reason)
        if has_text and hand_in.state in (FETCHING, NEEDS_TEXT):
            state = self._posts.pass_on(hand_in, title=title, text=text)
            return Handed(hand_in.hand_in_id, state)
        return Handed(hand_in.hand_in_id, hand_in.state)

    def supply_text(self, hand_in_id: str, expert_id: ExpertId, *, text: str) -> None:
        text = _check_text(text)
        if is_too_short(text):
            raise InvalidRequestError(f"the text needs {TEXT_MINIMUM} letters or more")
        hand_in = self._find(hand_in_id, expert_id)
        if hand_in.state not in (FETCHING, NEEDS_TEXT, WITHDRAWN):
            raise ConflictError("the text of this post is there already")
        is_withdrawn = hand_in.state == WITHDRAWN
        if is_withdrawn or self._posts.pass_on(hand_in, title="", text=text) == WITHDRAWN:
            raise ConflictError("you took this post back: hand it in again")

    def withdraw(self, hand_in_id: str, expert_id: ExpertId) -> None:
        hand_in = self._find(hand_in_id, expert_id)
        # The stream first: when the row cannot be written, the page still offers to do it again.
        self._posts.take_back(hand_in)
        now = self._clock.now()
        self._database.write(lambda tx: hand_ins.set_withdrawn(tx, hand_in_id, now=now))

    def close(self) -> None:
        """Release the connection to the bus."""
        self._intake.close()

    def _find(self, hand_in_id: str, expert_id: ExpertId) -> HandIn:
        hand_in = self._database.read(lambda tx: hand_ins.find(tx, hand_in_id))
        if hand_in.expert_id != expert_id:
            raise NotFoundError("hand-in", hand_in_id)
        return hand_in

    def _open(
        self, expert_id: ExpertId, identity: tuple[str, ...], *, url: str, reason: str
    ) -> HandIn:
        """Return the hand-in of `identity` as it is, or a new one that waits for text or fetch."""
        now = self._clock.now()

        def write(transaction: Transaction) -> HandIn:
            source = ensure_source(transaction, now=now).source
            found, hand_in_id = _find_open(transaction, identity)
            if found is not None:
                return found
            why = reason
            if not why and find_objection(source, now.date()) is not None:
                why = NOT_READ
            hand_ins.create(transaction, hand_in_id, expert_id, url=url, state=FETCHING, now=now)
            if why:
                hand_ins.set_needs_text(transaction, hand_in_id, why, now=now)
            return hand_ins.find(transaction, hand_in_id)

        return self._database.write(write)


def _find_open(transaction: Transaction, identity: tuple[str, ...]) -> tuple[HandIn | None, str]:
    """Return the hand-in of `identity` with its id, or None with the id that it would have.

    One that was taken back is over: bringing the same again begins another.
    """
    turn = 0
    while True:
        hand_in_id = derive_id(HAND_IN_SOURCE, *identity, turn)
        found = _find_or_none(transaction, hand_in_id)
        if found is None or found.state != WITHDRAWN:
            return found, hand_in_id
        turn += 1


def _find_or_none(transaction: Transaction, hand_in_id: str) -> HandIn | None:
    try:
        return hand_ins.find(transaction, hand_in_id)
    except NotFoundError:
        return None


def _check_text(text: str) -> str:
    if len(text) > MARKUP_LIMIT:
        raise InvalidRequestError(
            f"the text has {len(text)} characters, at most {MARKUP_LIMIT} are taken: "
            "bring the post alone"
        )
    return clean_text(text)


def _check_url(given: str) -> str:
    url = given.strip()
    if not url:
        return ""
    if len(url) > URL_LIMIT:
        raise InvalidRequestError(f"the link has more than {URL_LIMIT} characters")
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_web = is_web and parts.port != 0 and parts.username is None
    except ValueError:
        is_web = False
    if not is_web or not url.isprintable() or " " in url:
        raise InvalidRequestError("the link must be a web address that begins with https://")
    return url


def _same_page(url: str) -> str:
    """Return what two spellings of one address share: the case of the host, a fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))
