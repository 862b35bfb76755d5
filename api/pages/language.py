"""Which language a page speaks; its catalogues are compiled from .po files when the app starts."""

from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = ("en", "da")
_FOLDER = Path(__file__).parent / "locale"
DOMAIN = "pages"


def load_catalogues() -> dict[str, NullTranslations]:
    """Return the words of every language; no build step and no binary file is needed."""
    return {locale: _load(locale) for locale in LOCALES}


def catalogue_path(locale: str) -> Path:
    return _FOLDER / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def choose_locale(wanted: str, accept_language: str) -> str:
    """Return the language of a person, else the browser's first one that we speak, else English."""
    if wanted in LOCALES:
        return wanted
    ranked = sorted(
        (_read_range(each) for each in accept_language.split(",") if each.strip()),
        key=lambda pair: -pair[1],
    )
    for tag, quality in ranked:
        language = tag.partition("-")[0]
        # Bokmål and Nynorsk readers read Danish more easily than English.
        language = "da" if language in {"nb", "nn", "no"} else language
        if quality > 0 and language in LOCALES:
            return language
    return "en"


def _load(locale: str) -> NullTranslations:
    with catalogue_path(locale).open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _read_range(entry: str) -> tuple[str, float]:
    tag, _, parameter = entry.partition(";")
    value = parameter.partition("q=")[2].strip()
    try:
        return tag.strip().lower(), float(value) if value else 1.0
    except ValueError:
        return tag.strip().lower(), 0.0
