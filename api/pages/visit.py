"""One request for a page: who is reading, in which voice, and how to answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth import FormCaller, PageCaller, check_roles, expert_of
from api.deps import Caller, Services
from api.pages import flash
from api.pages.site import Site
from api.pages.voice import Voice
from askwatch.errors import NotAllowedError
from askwatch.model.expert import Expert, Role
from askwatch.state.engine import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with everything a page needs; `caller` is None on pages that need no session."""

    request: Request
    site: Site
    voice: Voice
    caller: Caller | None

    @property
    def services(self) -> Services:
        return self.site.services

    @property
    def person(self) -> Expert:
        """Return who reads the page.

        Raises:
            NotAllowedError: It is nobody's session, or a machine's.
        """
        return expert_of(self.member)

    @property
    def member(self) -> Caller:
        """Return the caller of a page that needs a session or a mail's link."""
        if self.caller is None:
            raise NotAllowedError("this page is for people who are signed in")
        return self.caller

    @property
    def actor(self) -> str:
        return self.member.actor

    @property
    def is_sales(self) -> bool:
        return bool(self.caller and self.caller.roles & {Role.SALES, Role.ADMIN})

    def insist(self, *roles: Role) -> None:
        """Raise NotAllowedError unless the reader has one of these roles."""
        check_roles(self.member, *roles)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self.services.database.read(work)

    def page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page of its own."""
        return self.site.render(
            self.request, template, values, voice=self.voice, caller=self.caller, status=status
        )

    def go(self, path: str, said: str = "") -> RedirectResponse:
        """Send the reader to another page, which says what `said` stands for."""
        response = RedirectResponse(path, status_code=303)
        if said:
            flash.leave(response, said)
        return response


def site_of(request: Request) -> Site:
    site: Site = request.app.state.pages
    return site


def begin_guest(request: Request) -> Visit:
    """Begin a visit that needs no session."""
    site = site_of(request)
    return Visit(request, site, site.speak(request, None), None)


def begin(request: Request, caller: PageCaller) -> Visit:
    """Begin a visit of somebody who is signed in; others are sent to the sign-in page."""
    site = site_of(request)
    return Visit(request, site, site.speak(request, caller), caller)


def begin_change(request: Request, caller: FormCaller) -> Visit:
    """Begin a visit that changes something: the form must come from a page of this session."""
    return begin(request, caller)


GuestVisit: TypeAlias = Annotated[Visit, Depends(begin_guest)]
PageVisit: TypeAlias = Annotated[Visit, Depends(begin)]
ChangeVisit: TypeAlias = Annotated[Visit, Depends(begin_change)]
