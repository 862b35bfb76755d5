"""Missed?: a sample of what was rejected, in which sales marks what should have been found."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from api.pages.questions import read_names
from api.pages.visit import ChangeVisit, PageVisit
from api.tapping import DAYS, set_mark
from askwatch.errors import InvalidRequestError
from askwatch.model.expert import Role
from askwatch.state import rejected_posts
from askwatch.state.engine import Transaction
from askwatch.state.rejected_posts import Mark, MissRate, RejectedPost

routes = APIRouter(include_in_schema=False, prefix="/missed")

_SHOWN = 20
# More of a post is not needed to see whether it asks for something.
_LONGEST = 1_500


@dataclass(frozen=True, slots=True)
class View:
    """A rejected post as the page shows it."""

    post: RejectedPost
    text: str
    source: str


@routes.get("")
def show_missed(visit: PageVisit) -> HTMLResponse:
    """Show the miss rate and what waits for a mark."""
    visit.insist(Role.SALES, Role.ADMIN)
    since = visit.voice.now - timedelta(days=DAYS)

    def read(transaction: Transaction) -> tuple[MissRate, list[View]]:
        names = read_names(transaction, visit.voice.locale)
        posts = rejected_posts.list_unmarked(transaction, limit=_SHOWN)
        views = [
            View(post, _cut(post.full_text), names.sources.get(post.source_id, post.source_id))
            for post in posts
        ]
        return rejected_posts.read_miss_rate(transaction, since=since), views

    rate, posts = visit.read(read)
    return visit.page("missed.html", rate=rate, posts=posts)


@routes.post("/{sample_id}")
def mark(visit: ChangeVisit, sample_id: str, said: Annotated[str, Form()] = "") -> Response:
    visit.insist(Role.SALES, Role.ADMIN)
    if said not in set(Mark):
        raise InvalidRequestError(visit.voice.say("Say whether it asks for something."))
    set_mark(visit.services, visit.member, sample_id, Mark(said))
    return visit.go("/missed", "marked")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(maxsplit=1)[0] + " …"
