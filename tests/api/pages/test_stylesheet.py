"""The colours, measured: every text on every ground it stands on, in light and in dark."""

import math
import re

import pytest

from api.pages.site import STATIC

CSS = (STATIC / "app.css").read_text()
_TOKEN = re.compile(r"--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);")
_DARK = "(prefers-color-scheme: dark)"


def read_tokens(css: str) -> dict[str, tuple[str, str, str]]:
    return {name: (lightness, chroma, hue) for name, lightness, chroma, hue in _TOKEN.findall(css)}


LIGHT = read_tokens(CSS.partition("@media")[0])
DARK = read_tokens(CSS.partition(_DARK)[2])
PAIRS = [
    ("ink", "paper"), ("ink", "raised"), ("ink", "sunken"), ("ink", "accent-tint"),
    ("ink", "mark-tint"), ("muted", "paper"), ("muted", "raised"), ("muted", "sunken"),
    ("muted", "accent-tint"), ("accent", "paper"), ("accent", "raised"),
    ("accent", "accent-tint"), ("on-accent", "accent"), ("on-accent", "accent-hover"),
    ("waiting-ink", "waiting-tint"), ("waiting-ink", "paper"), ("waiting-ink", "raised"),
    ("waiting-ink", "accent-tint"), ("taken-ink", "taken-tint"),
    ("answered-ink", "answered-tint"), ("gone-ink", "gone-tint"),
    ("failing-ink", "failing-tint"), ("failing-ink", "paper"), ("failing-ink", "raised"),
]  # fmt: skip


def luminance(token: tuple[str, str, str]) -> float:
    """Return the relative luminance of an OKLCH colour (WCAG 2.2; Ottosson's matrices)."""
    lightness, chroma, hue = (float(part) for part in token)
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(tokens: dict[str, tuple[str, str, str]], text: str, ground: str) -> float:
    bright, dim = sorted((luminance(tokens[text]), luminance(tokens[ground])), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(tokens: dict[str, tuple[str, str, str]], text: str, ground: str) -> None:
    assert contrast(tokens, text, ground) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_fields_can_be_seen(tokens: dict[str, tuple[str, str, str]]) -> None:
    assert contrast(tokens, "line-strong", "raised") >= 3
    assert contrast(tokens, "accent", "paper") >= 3


def test_every_colour_of_light_has_one_for_dark() -> None:
    assert set(LIGHT) == set(DARK)


def test_motion_is_only_for_those_who_like_it() -> None:
    calm, _, moving = CSS.partition("(prefers-reduced-motion: no-preference)")
    assert "animation:" not in calm
    assert "transition:" not in calm
    assert moving


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert "@font-face" not in CSS
