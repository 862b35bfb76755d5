"""Finds every sentence that the pages may say, in the code and in the templates."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.extract import extract_from_file

import api.pages

_FOLDER = Path(api.pages.__file__).parent
_PYTHON = {"say": None, "count": (1, 2)}
_TEMPLATE = {"_": None, "gettext": None, "ngettext": (1, 2)}


def find_messages() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Yield (file name, sentence or forms of a sentence)."""
    for path in sorted(_FOLDER.glob("*.py")):
        yield from _extract("python", path, _PYTHON)
    for path in sorted((_FOLDER / "templates").glob("*.html")):
        yield from _extract("jinja2.ext:babel_extract", path, _TEMPLATE)


def _extract(
    method: str, path: Path, keywords: Mapping[str, tuple[int, ...] | None]
) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true"}
    for _, said, _, _ in extract_from_file(method, path, keywords=keywords, options=options):
        yield path.name, tuple(said) if isinstance(said, (list, tuple)) else said
