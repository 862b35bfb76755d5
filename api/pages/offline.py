"""What a phone keeps: the manifest with the share target, the worker, the page shown offline."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from api.pages.site import STATIC
from api.pages.visit import GuestVisit

routes = APIRouter(include_in_schema=False)


@routes.get("/manifest.webmanifest")
def show_manifest(visit: GuestVisit) -> JSONResponse:
    """Return the manifest: sharing from another app opens the hand-in page, filled in."""
    voice = visit.voice
    manifest = {
        "name": "Askwatch",
        "short_name": "Askwatch",
        "description": voice.say("Somebody asks; you know. Answer while it is warm."),
        "lang": voice.locale,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f7fafa",
        "theme_color": "#f7fafa",
        "icons": [{"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": "/hand-in",
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return JSONResponse(manifest, media_type="application/manifest+json")


@routes.get("/worker.js")
def send_worker() -> FileResponse:
    """Send the service worker from the root, since it only serves what lies below its address."""
    return FileResponse(STATIC / "worker.js", media_type="text/javascript")


@routes.get("/offline")
def show_offline(visit: GuestVisit) -> HTMLResponse:
    return visit.page("offline.html")
