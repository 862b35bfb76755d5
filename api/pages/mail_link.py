"""The page behind a mail's button: one question, for one colleague, without signing in.

A GET only shows, since mail scanners follow links; the address itself is the secret, so that its
forms need no CSRF token.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import GivenLink
from api.deps import LinkCaller
from api.pages.deciding import Refusal, decide
from api.pages.lead import answer_question, read_reason
from api.pages.questions import read_detail
from api.pages.visit import Visit, begin
from api.pages.words import decline_reasons
from askwatch.model.ids import ExpertId, LeadId

routes = APIRouter(include_in_schema=False, prefix="/a/{token}")

Text = Annotated[str, Form()]


def begin_link(request: Request, link: GivenLink) -> tuple[Visit, LinkCaller]:
    """Begin a visit by a mail's link."""
    return begin(request, link.caller), link


LinkVisit: TypeAlias = Annotated[tuple[Visit, LinkCaller], Depends(begin_link)]


@routes.get("")
def show(by_link: LinkVisit, token: str) -> HTMLResponse:
    return _show(by_link, token, None)


@routes.post("/claim")
def claim(by_link: LinkVisit, token: str) -> Response:
    return _decide(by_link, token, by_link[0].services.decisions.claim, "taken")


@routes.post("/decline")
def decline(by_link: LinkVisit, token: str, reason: Text = "") -> Response:
    visit, _ = by_link
    step = partial(visit.services.decisions.decline, reason=read_reason(visit, reason))
    return _decide(by_link, token, step, "declined")


@routes.post("/answer")
def answer(
    by_link: LinkVisit,
    token: str,
    answer_url: Text = "",
    disclosed: Text = "",
    disclosure_reason: Text = "",
) -> Response:
    visit, link = by_link
    kept = {
        "answer_url": answer_url.strip(),
        "disclosed": disclosed,
        "disclosure_reason": disclosure_reason.strip(),
    }
    refusal = answer_question(visit, link.link.lead_id, visit.person, kept)
    if refusal is not None:
        return _show(by_link, token, refusal)
    return visit.go(f"/a/{token}", "answered")


def _decide(
    by_link: tuple[Visit, LinkCaller], token: str, step: Callable[..., None], said: str
) -> Response:
    visit, link = by_link
    lead_id: LeadId = link.link.lead_id
    expert_id: ExpertId = link.link.expert_id
    refusal = decide(visit.voice, lambda: step(lead_id, expert_id, actor=visit.actor))
    if refusal is not None:
        return _show(by_link, token, refusal)
    return visit.go(f"/a/{token}", said)


def _show(by_link: tuple[Visit, LinkCaller], token: str, refusal: Refusal | None) -> HTMLResponse:
    visit, link = by_link
    detail = visit.read(
        lambda tx: read_detail(tx, visit.voice, link.link.lead_id, link.link.expert_id)
    )
    response = visit.page(
        "mail_link.html",
        status=refusal.status if refusal else 200,
        detail=detail,
        refusal=refusal,
        decline_reasons=decline_reasons(visit.voice),
        base=f"/a/{token}",
    )
    # The address is a secret: it must not travel to the pages that this one links to.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
