"""The reference of the API, for people who write against it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.reference import render_reference

routes = APIRouter(include_in_schema=False)


@routes.get("/api/docs")
def show(request: Request) -> HTMLResponse:
    """Show every operation; open to all, as the description itself is."""
    page = render_reference(request.app.openapi(), openapi_path=request.app.openapi_url)
    return HTMLResponse(page)
