"""Puts the pages and their files into the application."""

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

from api.deps import Services
from api.pages import activity, alerts, feed, hand_in, lead, mail_link, me, missed, offline, sources
from api.pages.errors import show_problem
from api.pages.site import STATIC, Site

# An address carries a digest of its file, so that a file never changes under it.
_FOREVER = "public, max-age=31536000, immutable"


def add_pages(app: FastAPI, services: Services) -> None:
    """Add every page, its files, and the pages of errors to `app`."""
    app.state.pages = Site(services)
    app.state.problem_page = show_problem
    app.mount("/static", _Files(directory=STATIC), name="static")
    for module in (alerts, lead, feed, hand_in, activity, sources, me, missed, mail_link, offline):
        app.include_router(module.routes)


class _Files(StaticFiles):
    """Static files that browsers keep."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # passed through
        response.headers["Cache-Control"] = _FOREVER
        return response
