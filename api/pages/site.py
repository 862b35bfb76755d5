"""What all pages share: templates in each language, asset addresses, and how a page is sent."""

import hashlib
from collections.abc import Mapping
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.deps import Caller, Services
from api.pages import flash
from api.pages.language import choose_locale, load_catalogues
from api.pages.voice import Voice, read_zone
from askwatch.model.expert import Role

STATIC = Path(__file__).parent / "static"
_HASH_DIGITS = 12


class Site:
    """Renders pages. Thread-safe; built once when the app starts."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._catalogues = load_catalogues()
        versions = {path.name: _digest(path) for path in STATIC.iterdir() if path.is_file()}
        self._environments = {
            locale: _open_templates(catalogue, versions)
            for locale, catalogue in self._catalogues.items()
        }

    def speak(self, request: Request, caller: Caller | None) -> Voice:
        """Return the voice in which this request's reader is spoken to."""
        expert = caller.expert if caller else None
        locale = choose_locale(
            expert.locale if expert else "", request.headers.get("accept-language", "")
        )
        return Voice(
            locale=locale,
            zone=read_zone(expert.timezone if expert else "Europe/Copenhagen"),
            now=self.services.clock.now(),
            catalogue=self._catalogues[locale],
        )

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, object],
        *,
        voice: Voice,
        caller: Caller | None,
        status: int = 200,
    ) -> HTMLResponse:
        """Return a page, with the line that the step before left for it."""
        said = flash.read(request)
        roles: frozenset[Role] = caller.roles if caller else frozenset()
        given: dict[str, Any] = {
            "voice": voice,
            "caller": caller,
            "me": caller.expert if caller else None,
            "csrf_token": caller.csrf_token if caller else "",
            "may_operate": bool(roles & {Role.OPS, Role.ADMIN}),
            "is_sales": bool(roles & {Role.SALES, Role.ADMIN}),
            "said": flash.words(voice, said),
            "path": request.url.path,
            **values,
        }
        body = self._environments[voice.locale].get_template(template).render(given)
        headers = {"Content-Language": voice.locale, "Vary": "Accept-Language, Cookie"}
        response = HTMLResponse(body, status_code=status, headers=headers)
        if said:
            flash.forget(response)
        return response


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_DIGITS]


def _open_templates(catalogue: NullTranslations, versions: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method when it is loaded, so the type does not know it.
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["asset"] = lambda name: f"/static/{name}?v={versions[name]}"
    return environment
