"""Who is calling: by session cookie, by API key, or by the signed link of a mail.

A write with a session must carry the session's CSRF token; keys and mail links are secrets that
no browser adds by itself, so they need none.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Annotated, TypeAlias
from urllib.parse import quote, urlsplit

from fastapi import Depends, Form, Request

from api.deps import Caller, GivenServices, LinkCaller, Services
from api.errors import SignInNeededError, UnauthenticatedError, WrongTokenError
from api.limits import RateLimiter
from askwatch.errors import GoneError, NotAllowedError, NotFoundError
from askwatch.links import read_lead_link
from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId
from askwatch.model.lead import FINAL_LEAD_STATES
from askwatch.state import api_keys, experts, leads, sign_in
from askwatch.state.engine import Transaction
from askwatch.state.sign_in import Session

SESSION_COOKIE = "askwatch_session"
SESSION_DURATION = timedelta(days=14)
# A session slides at most this often: a write for every page would cost more than it gives.
_SLIDE_EVERY = timedelta(days=1)
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# So many writes of one caller a minute are more than any person's thumb makes.
WRITES_PER_MINUTE, WRITES_BURST = 120.0, 60

FormToken: TypeAlias = Annotated[str, Form(alias="csrf_token")]


def identify(request: Request, services: Services) -> Caller | None:
    """Return who is calling; None without session or key.

    Raises:
        UnauthenticatedError: A key was sent that is none of ours.
    """
    authorization = request.headers.get("authorization", "")
    if authorization:
        return _find_by_key(services, authorization)
    token = request.cookies.get(SESSION_COOKIE, "")
    return _find_by_session(request, services, token) if token else None


def get_caller(request: Request, services: GivenServices) -> Caller:
    """Return who is calling the JSON API.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        WrongTokenError: A write with a session lacks the header X-CSRF-Token.
        TooManyRequestsError: The caller writes too often.
    """
    caller = identify(request, services)
    if caller is None:
        raise UnauthenticatedError(
            "sign in, or send a key: 'Authorization: Bearer ask_...' "
            "(askwatch keys create makes one)"
        )
    _admit(request, caller, request.headers.get(CSRF_HEADER, ""))
    return caller


def page_caller(request: Request, services: GivenServices) -> Caller:
    """Return who looks at a page; a form takes `form_caller`, or checks the CSRF token itself.

    Raises:
        SignInNeededError: Nobody is signed in; leads to the sign-in page and back here.
    """
    caller = identify(request, services)
    if caller is None:
        raise SignInNeededError(sign_in_address(_page_of(request)))
    return caller


def form_caller(request: Request, services: GivenServices, csrf_token: FormToken = "") -> Caller:
    """Return who sends a page's form, for POST; it carries the field `csrf_token`.

    Raises:
        SignInNeededError: Nobody is signed in; leads back to the page that the form was on.
        WrongTokenError: The token is missing or another session's.
        TooManyRequestsError: The caller writes too often.
    """
    caller = identify(request, services)
    if caller is None:
        raise SignInNeededError(sign_in_address(_page_of(request)))
    _admit(request, caller, request.headers.get(CSRF_HEADER, "") or csrf_token)
    return caller


def link_caller(request: Request, services: GivenServices, token: str) -> LinkCaller:
    """Return who came by the mail link /a/{token}, and the lead it opens.

    Raises:
        NotAllowedError: The link is damaged, or its expert is no longer there.
        NotFoundError: The lead is not there.
        GoneError: The lead is final, so the link opens nothing any more.
        TooManyRequestsError: Too many writes by this link.
    """
    link = read_lead_link(services.settings.secret_key, token)

    def look(transaction: Transaction) -> LinkCaller:
        expert = _find_active(transaction, link.expert_id)
        if expert is None:
            raise NotAllowedError("this link belongs to somebody who is no longer here")
        lead = leads.find_lead(transaction, link.lead_id)
        if lead.state in FINAL_LEAD_STATES:
            raise GoneError(link.lead_id, lead.state)
        caller = Caller(
            actor=f"expert:{expert.expert_id}", roles=frozenset({Role.EXPERT}), expert=expert
        )
        return LinkCaller(link=link, caller=caller, lead=lead)

    found = services.database.read(look)
    if request.method not in SAFE_METHODS:
        _limiter(request).spend(found.caller.actor)
    return found


ApiCaller: TypeAlias = Annotated[Caller, Depends(get_caller)]
PageCaller: TypeAlias = Annotated[Caller, Depends(page_caller)]
FormCaller: TypeAlias = Annotated[Caller, Depends(form_caller)]
GivenLink: TypeAlias = Annotated[LinkCaller, Depends(link_caller)]


def require(*roles: Role) -> Callable[[Caller], Caller]:
    """Return a dependency of the JSON API: the caller, if they have one of `roles`."""

    def check(caller: ApiCaller) -> Caller:
        return check_roles(caller, *roles)

    return check


def require_page(*roles: Role) -> Callable[[Caller], Caller]:
    """Return a dependency of pages (GET): the caller, if they have one of `roles`."""

    def check(caller: PageCaller) -> Caller:
        return check_roles(caller, *roles)

    return check


def require_form(*roles: Role) -> Callable[[Caller], Caller]:
    """Return a dependency of forms (POST): the caller, if they have one of `roles`."""

    def check(caller: FormCaller) -> Caller:
        return check_roles(caller, *roles)

    return check


def check_roles(caller: Caller, *roles: Role) -> Caller:
    """Return `caller`, if they have one of `roles`.

    Raises:
        NotAllowedError: They have not.
    """
    if not caller.roles & set(roles):
        names = " or ".join(sorted(roles))
        raise NotAllowedError(f"this is for the role {names}: ask an administrator")
    return caller


def expert_of(caller: Caller) -> Expert:
    """Return in whose name the caller acts.

    Raises:
        NotAllowedError: It is a key in nobody's name.
    """
    if caller.expert is None:
        raise NotAllowedError(
            "this key is in nobody's name: make one with 'askwatch keys create --expert ID'"
        )
    return caller.expert


def session_cookie(token: str, *, is_secure: bool) -> str:
    """Return the Set-Cookie header of a session; an empty token takes the cookie away."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[SESSION_COOKIE] = token
    morsel = cookie[SESSION_COOKIE]
    morsel["path"], morsel["httponly"], morsel["samesite"] = "/", True, "Lax"
    morsel["max-age"] = int(SESSION_DURATION.total_seconds()) if token else 0
    if is_secure:
        morsel["secure"] = True
    return morsel.OutputString()


def sign_in_address(next_path: str) -> str:
    """Return the address of the sign-in page that leads on to `next_path`."""
    return f"/sign-in?next={quote(safe_next(next_path), safe='/')}"


def safe_next(path: str) -> str:
    """Return `path` if it is a page of ours, else the start page."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/sign-in", "/sign-out"))
    # Browsers read a backslash as a slash and skip control characters.
    if not is_ours or "\\" in path or not path.isprintable():
        return "/"
    return path


def _find_by_key(services: Services, authorization: str) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    now = services.clock.now()

    def look(transaction: Transaction) -> tuple[api_keys.ApiKey | None, Expert | None]:
        key = api_keys.find(transaction, secret.strip())
        if key is None or key.expert_id is None:
            return key, None
        return key, _find_active(transaction, key.expert_id)

    key, expert = services.database.read(look) if scheme.lower() == "bearer" else (None, None)
    if key is None or (key.expert_id is not None and expert is None):
        raise UnauthenticatedError("this key is unknown or revoked")
    if api_keys.is_use_due(key, now=now):
        key_id = key.key_id
        services.database.write(lambda tx: api_keys.note_use(tx, key_id, now=now))
    return Caller(actor=f"key:{key.key_id}", roles=frozenset({key.role}), expert=expert)


def _find_by_session(request: Request, services: Services, token: str) -> Caller | None:
    now = services.clock.now()

    def look(transaction: Transaction) -> tuple[Session | None, Expert | None]:
        session = sign_in.find_session(transaction, token, now=now)
        return session, _find_active(transaction, session.expert_id) if session else None

    session, expert = services.database.read(look)
    if session is None or expert is None:
        return None
    if session.expires_at - now < SESSION_DURATION - _SLIDE_EVERY:
        _slide(request, services, token, now)
    return Caller(
        actor=f"expert:{expert.expert_id}",
        roles=frozenset(expert.roles),
        expert=expert,
        csrf_token=session.csrf_token,
    )


def _slide(request: Request, services: Services, token: str, now: datetime) -> None:
    until = now + SESSION_DURATION
    services.database.write(lambda tx: sign_in.extend_session(tx, token, until=until))
    # Whatever the handler answers, the middleware adds the cookie to it.
    request.state.session_cookie = session_cookie(token, is_secure=services.settings.is_secure)


def _find_active(transaction: Transaction, expert_id: ExpertId) -> Expert | None:
    try:
        expert = experts.find_expert(transaction, expert_id)
    except NotFoundError:
        return None
    return expert if expert.is_active else None


def _admit(request: Request, caller: Caller, csrf_token: str) -> None:
    if request.method in SAFE_METHODS:
        return
    if caller.csrf_token and not secrets.compare_digest(
        caller.csrf_token.encode(), csrf_token.encode("utf-8", "surrogatepass")
    ):
        raise WrongTokenError
    _limiter(request).spend(caller.actor)


def _limiter(request: Request) -> RateLimiter:
    limiter: RateLimiter = request.app.state.write_limiter
    return limiter


def _page_of(request: Request) -> str:
    """Return the page that is asked for, or the page of ours that a form was sent from."""
    if request.method in SAFE_METHODS:
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    before = urlsplit(request.headers.get("referer", ""))
    is_ours = before.netloc == request.headers.get("host", "")
    return (before.path + (f"?{before.query}" if before.query else "")) if is_ours else "/"
