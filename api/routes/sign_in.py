"""Sign in by a one-time link, and out again; every GET only shows (mail scanners follow links)."""

import logging
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import (
    SESSION_COOKIE,
    SESSION_DURATION,
    FormCaller,
    identify,
    safe_next,
    session_cookie,
)
from api.deps import GivenServices, Services
from api.limits import RateLimiter
from api.mail import send_sign_in_link
from api.pages.sign_in import show_confirm, show_sign_in
from askwatch.errors import NotAllowedError, NotFoundError, RetryableError
from askwatch.model.expert import Expert
from askwatch.state import experts, sign_in
from askwatch.state.audit import AuditEntry, note
from askwatch.state.engine import Transaction

log = logging.getLogger(__name__)

LINK_DURATION = timedelta(minutes=20)
# Nobody needs more links than that; it bounds what strangers can send to somebody's mailbox.
LINKS_PER_MINUTE, LINKS_BURST = 0.5, 5
# A whole office may share one address of the network on a Monday morning.
VISITS_PER_MINUTE, VISITS_BURST = 30.0, 60

routes = APIRouter(include_in_schema=False)


@routes.get("/sign-in")
def show(
    request: Request, services: GivenServices, next_path: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    if identify(request, services) is not None:
        return RedirectResponse(safe_next(next_path), status_code=303)
    return show_sign_in(request, next_path=safe_next(next_path), is_sent=False)


@routes.post("/sign-in")
def ask_for_link(
    request: Request,
    services: GivenServices,
    tasks: BackgroundTasks,
    email: Annotated[str, Form(max_length=320)],
    next_path: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Answer the same whether the address is known or not, in the same time: mail goes later."""
    _admit(request)
    limiter: RateLimiter = request.app.state.mailbox_limiter
    limiter.spend(email.strip().lower())
    page = safe_next(next_path)
    expert = services.database.read(lambda tx: experts.find_by_email(tx, email))
    if expert is not None:
        tasks.add_task(_send_link, services, expert, page)
    response = show_sign_in(request, next_path=page, is_sent=True)
    response.background = tasks
    return response


@routes.get("/sign-in/{token}")
def confirm(
    request: Request,
    services: GivenServices,
    token: str,
    next_path: Annotated[str, Query(alias="next")] = "/",
) -> Response:
    now = services.clock.now()
    found = services.database.read(lambda tx: sign_in.find_link(tx, token, now=now))
    return show_confirm(
        request, token=token, next_path=safe_next(next_path), is_valid=found is not None
    )


@routes.post("/sign-in/{token}")
def spend_link(
    request: Request,
    services: GivenServices,
    token: str,
    next_path: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    _admit(request)
    now = services.clock.now()

    def spend(transaction: Transaction) -> str:
        expert_id = sign_in.spend_link(transaction, token, now=now)
        expert = experts.find_expert(transaction, expert_id)
        if not expert.is_active:
            raise NotAllowedError("this account is switched off: ask an administrator")
        note(transaction, _entry(services, expert, "session.begin"))
        sign_in.forget(transaction, now=now)
        return sign_in.begin_session(transaction, expert_id, now=now, duration=SESSION_DURATION)

    try:
        session_token = services.database.write(spend)
    except (NotAllowedError, NotFoundError):
        return show_confirm(request, token=token, next_path="/", is_valid=False)
    response = RedirectResponse(safe_next(next_path), status_code=303)
    cookie = session_cookie(session_token, is_secure=services.settings.is_secure)
    response.headers.append("Set-Cookie", cookie)
    return response


@routes.post("/sign-out")
def sign_out(request: Request, services: GivenServices, caller: FormCaller) -> Response:
    token = request.cookies.get(SESSION_COOKIE, "")

    def end(transaction: Transaction) -> None:
        sign_in.end_session(transaction, token)
        if caller.expert is not None:
            note(transaction, _entry(services, caller.expert, "session.end"))

    services.database.write(end)
    response = RedirectResponse("/sign-in", status_code=303)
    cookie = session_cookie("", is_secure=services.settings.is_secure)
    response.headers.append("Set-Cookie", cookie)
    return response


def _admit(request: Request) -> None:
    """Keep guessers out, and another site's form from signing somebody in as somebody else.

    Raises:
        NotAllowedError: The browser says that the form stands on another site.
        TooManyRequestsError: Too many tries from one address of the network.
    """
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise NotAllowedError("this form stands on another site: open Askwatch itself")
    limiter: RateLimiter = request.app.state.visitor_limiter
    limiter.spend(request.client.host if request.client else "")


def _send_link(services: Services, expert: Expert, page: str) -> None:
    """Make a link and mail it; a failure is logged, since nobody waits for the result."""
    now, expert_id = services.clock.now(), expert.expert_id
    try:
        token = services.database.write(
            lambda tx: sign_in.create_link(tx, expert_id, now=now, duration=LINK_DURATION)
        )
    except RetryableError as error:
        log.error(  # noqa: TRY400 - the reason says it all
            "sign-in link not made", extra={"expert_id": expert_id, "reason": str(error)}
        )
        return
    link = f"{services.settings.public_url}/sign-in/{token}?next={quote(page, safe='/')}"
    minutes = int(LINK_DURATION.total_seconds() // 60)
    send_sign_in_link(services.settings, expert, link, minutes=minutes)


def _entry(services: Services, expert: Expert, action: str) -> AuditEntry:
    return AuditEntry(
        at=services.clock.now(),
        actor=f"expert:{expert.expert_id}",
        action=action,
        object_id=expert.expert_id,
        detail={},
    )
