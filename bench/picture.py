"""Draws the rates as bars on a logarithmic scale, as plain SVG."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from pathlib import Path

from bench.figures import Figure

_ROW, _TOP, _BOTTOM = 26, 56, 34
_LABEL, _PLOT, _VALUE = 330, 400, 150
_WIDTH = _LABEL + _PLOT + _VALUE
_STYLE = """
.page { fill: #ffffff } .line { stroke: #d5dae1 } text { fill: #1f2933; font: 13px sans-serif }
.faint { fill: #5c6875; font-size: 11px } .title { font-size: 15px; font-weight: 600 }
.stage { fill: #2f6f8f } .baseline { fill: #b3bcc6 } .whole { fill: #c2571a }
@media (prefers-color-scheme: dark) {
  .page { fill: #14191f } .line { stroke: #38424d } text { fill: #e6eaee }
  .faint { fill: #9aa6b2 } .stage { fill: #6fb3d2 } .baseline { fill: #56616c }
  .whole { fill: #f0935a }
}
"""


def draw(figures: Sequence[Figure], machine: str) -> str:
    """Return the picture; rates of zero get no bar."""
    shown = [figure for figure in figures if figure.rate > 0]
    rates = [figure.rate for figure in shown] or [1.0]
    first, last = floor(log10(min(rates))), max(1, ceil(log10(max(rates))))
    last = max(last, first + 1)
    height = _TOP + _ROW * len(shown) + _BOTTOM

    def place(rate: float) -> float:
        return _LABEL + _PLOT * (log10(rate) - first) / (last - first)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img" aria-label="What each part does">'
        ),
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{height}" rx="8"/>',
        '<text class="title" x="16" y="24">What each part does in a second</text>',
        f'<text class="faint" x="16" y="42">{escape(machine)}</text>',
    ]
    for power in range(first, last + 1):
        x = place(10.0**power)
        parts.append(
            f'<line class="line" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" '
            f'y2="{height - _BOTTOM + 4}"/>'
        )
        parts.append(
            f'<text class="faint" x="{x:.1f}" y="{height - _BOTTOM + 18}" '
            f'text-anchor="middle">{_thousands(10.0**power)}</text>'
        )
    for number, figure in enumerate(shown):
        parts += _draw_row(figure, _TOP + _ROW * number, place(figure.rate))
    return "\n".join([*parts, "</svg>", ""])


def write_picture(path: Path, figures: Sequence[Figure], machine: str) -> None:
    """Draw into the file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(figures, machine), encoding="utf-8")


def _draw_row(figure: Figure, top: int, end: float) -> list[str]:
    name = figure.part + (f", {figure.processes} processes" if figure.processes > 1 else "")
    kind = "stage" if figure.baseline else "baseline"
    kind = "whole" if figure.part.startswith("whole way") else kind
    width = max(2.0, end - _LABEL)
    value = f"{_thousands(figure.rate)} {escape(figure.unit)}"
    return [
        f'<text x="{_LABEL - 10}" y="{top + 17}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{kind}" x="{_LABEL}" y="{top + 5}" width="{width:.1f}" height="16" rx="2"/>',
        f'<text class="faint" x="{_LABEL + width + 6:.1f}" y="{top + 17}">{value}</text>',
    ]


def _thousands(rate: float) -> str:
    return f"{rate:,.0f}".replace(",", " ")
