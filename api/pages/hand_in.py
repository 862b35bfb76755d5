"""Hand in a post: one field for a link, a text or both, and what came of each."""

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.pages.questions import read_names
from api.pages.quote import excerpt
from api.pages.visit import ChangeVisit, PageVisit, Visit
from api.pages.voice import Voice
from api.pages.words import ANSWERED, GONE, TAKEN, WAITING, Sign, intent_word, sign_of
from askwatch.errors import ConflictError, InvalidRequestError, NotFoundError
from askwatch.model.lead import LeadState
from askwatch.state import hand_ins
from askwatch.state.engine import Transaction
from askwatch.state.hand_ins import HandIn
from askwatch.state.leads import LeadRow, find_lead

routes = APIRouter(include_in_schema=False, prefix="/hand-in")

Text = Annotated[str, Form()]
Shared = Annotated[str, Query()]
_LINK = re.compile(r"https?://\S+")
_SHOWN = 30
# Shared texts longer than this are cut by browsers anyway.
_SHARE_LIMIT = 8_000


@dataclass(frozen=True, slots=True)
class Brought:
    """One of my hand-ins, with what came of it in words."""

    hand_in: HandIn
    sign: Sign
    title: str
    sentence: str
    lead: LeadRow | None

    @property
    def is_pending(self) -> bool:
        return self.hand_in.state in {hand_ins.FETCHING, hand_ins.RECEIVED}


def split_given(given: str) -> tuple[str, str]:
    """Return the link and the text of what was typed, pasted or shared.

    A link counts as the post's own when it stands on a line of its own, or at the very beginning
    or end; links inside a text belong to the text.
    """
    given = given.strip()
    lines = given.splitlines()
    for number, line in enumerate(lines):
        if _LINK.fullmatch(line.strip()):
            rest = lines[:number] + [
                other for other in lines[number + 1 :] if other.strip() != line.strip()
            ]
            return line.strip(), "\n".join(rest).strip()
    links = list(_LINK.finditer(given))
    if links and links[0].start() == 0:
        return links[0].group(), given[links[0].end() :].strip()
    if links and links[-1].end() == len(given):
        return links[-1].group(), given[: links[-1].start()].strip()
    return "", given


@routes.get("")
def show(visit: PageVisit, title: Shared = "", text: Shared = "", url: Shared = "") -> HTMLResponse:
    """Show the form; a share from another app fills it in, one button sends it."""
    parts = [part.strip()[:_SHARE_LIMIT] for part in (url, title, text)]
    given: list[str] = []
    for part in parts:
        if part and not any(part in other for other in given):
            given.append(part)
    return _show(visit, given="\n".join(given))


@routes.post("")
def send(visit: ChangeVisit, post: Text = "") -> Response:
    url, text = split_given(post.replace("\r\n", "\n"))
    if not url and not text:
        words = visit.voice.say("Paste a link or the text of the post first.")
        return _show(visit, status=422, problem=words)
    try:
        handed = visit.services.desk.hand_in(visit.person.expert_id, url=url, text=text)
    except InvalidRequestError as error:
        words = visit.voice.say("This cannot be taken: bring a link, or some words of the post.")
        return _show(visit, given=post, status=422, problem=visit.voice.own(str(error), words))
    said = {hand_ins.NEEDS_TEXT: "needs_text", hand_ins.FETCHING: "link_received"}
    return visit.go("/hand-in#mine", said.get(handed.state, "handed_in"))


@routes.post("/{hand_in_id}/text")
def supply_text(visit: ChangeVisit, hand_in_id: str, text: Text = "") -> Response:
    try:
        visit.services.desk.supply_text(hand_in_id, visit.person.expert_id, text=text.strip())
    except (InvalidRequestError, ConflictError) as error:
        words = visit.voice.say("The text could not be added: it is too short, or there already.")
        return _show(visit, status=error.status, problem=visit.voice.own(str(error), words))
    return visit.go("/hand-in#mine", "text_added")


@routes.post("/{hand_in_id}/withdraw")
def withdraw(visit: ChangeVisit, hand_in_id: str) -> Response:
    visit.services.desk.withdraw(hand_in_id, visit.person.expert_id)
    return visit.go("/hand-in#mine", "withdrawn")


@routes.get("/{hand_in_id}/{step}")
def return_to_list(visit: PageVisit, hand_in_id: str, step: str) -> Response:  # noqa: ARG001 - parts of the address
    return visit.go("/hand-in#mine")


def _show(visit: Visit, *, given: str = "", status: int = 200, problem: str = "") -> HTMLResponse:
    reader = visit.person.expert_id

    def read(transaction: Transaction) -> list[Brought]:
        names = read_names(transaction, visit.voice.locale)
        found = hand_ins.list_for_expert(transaction, reader, limit=_SHOWN)
        return [_tell(transaction, visit.voice, each, names.topics) for each in found]

    return visit.page(
        "hand_in.html", status=status, given=given, problem=problem, brought=visit.read(read)
    )


def _tell(
    transaction: Transaction, voice: Voice, hand_in: HandIn, topics: dict[str, str]
) -> Brought:
    lead = _find(transaction, hand_in)
    title = excerpt(lead.full_text, 110) if lead else ""
    if not title and hand_in.url:
        address = urlsplit(hand_in.url)
        title = excerpt(f"{address.netloc}{address.path}".rstrip("/"), 90)
    sign, sentence = _say_state(voice, hand_in, lead, topics)
    return Brought(hand_in, sign, title or voice.say("A text without a link"), sentence, lead)


def _find(transaction: Transaction, hand_in: HandIn) -> LeadRow | None:
    if hand_in.lead_id is None:
        return None
    try:
        return find_lead(transaction, hand_in.lead_id)
    except NotFoundError:
        return None


def _say_state(
    voice: Voice, hand_in: HandIn, lead: LeadRow | None, topics: dict[str, str]
) -> tuple[Sign, str]:
    if hand_in.state == hand_ins.FETCHING:
        return Sign(WAITING, voice.say("being fetched"), "clock"), voice.say(
            "The link is being read. This takes some seconds."
        )
    if hand_in.state == hand_ins.RECEIVED:
        return Sign(WAITING, voice.say("being read"), "clock"), voice.say(
            "The text is here and is being understood. This takes some seconds."
        )
    if hand_in.state == hand_ins.NEEDS_TEXT:
        reason = voice.own(
            hand_in.reason, voice.say("This page may not be read by us: paste the text of the post")
        )
        return Sign(WAITING, voice.say("needs its text"), "alert"), f"{reason}."
    if hand_in.state == hand_ins.WITHDRAWN:
        return Sign(GONE, voice.say("taken back"), "gone"), voice.say("It is gone everywhere.")
    if lead is not None:
        return _say_found(voice, lead, topics)
    return Sign(GONE, voice.say("nobody is told"), "gone"), _say_not_found(voice, hand_in)


def _say_found(voice: Voice, lead: LeadRow, topics: dict[str, str]) -> tuple[Sign, str]:
    topic = topics.get(lead.topic_id or "", lead.topic_id or voice.say("something new"))
    understood = voice.say(
        "Understood: it %(intent)s – %(topic)s.",
        intent=intent_word(voice, lead.intent),
        topic=topic,
    )
    sign = sign_of(voice, lead.state)
    if lead.state is LeadState.REVIEW:
        next_step = voice.say("Somebody looks at it before colleagues are told.")
        return sign, f"{understood} {next_step}"
    tint = {LeadState.CLAIMED: TAKEN, LeadState.ANSWERED: ANSWERED}.get(lead.state, sign.tint)
    return Sign(tint, sign.word, sign.icon), understood


def _say_not_found(voice: Voice, hand_in: HandIn) -> str:
    intent = hand_in.verdict.get("intent")
    if isinstance(intent, str) and intent:
        return voice.say(
            "We read it as a post that %(intent)s, so no colleague is asked.",
            intent=intent_word(voice, intent),
        )
    return voice.say("We found no question in it, so no colleague is asked.")
