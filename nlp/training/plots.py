"""Draws calibration, precision over recall, and scores as plain SVG that needs no style of its own.

Colours come from the page's custom properties, so that light and dark are one picture; series
differ in dash and shape too, never in colour alone.
"""

from collections.abc import Sequence
from html import escape

from nlp.training.figures import Curve
from nlp.training.reliability import HistogramBin, Reliability

_WIDTH, _HEIGHT = 380, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 16, 16, 44
_SPAN_X, _SPAN_Y = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw_reliability(reliability: Reliability, name: str) -> str:
    """Return what share of posts were asks over the probability said, with Wilson's intervals."""
    parts = [_line(_x(0), _y(0), _x(1), _y(1), "ideal")]
    for each in reliability.bins:
        x, frequency = _x(each.mean), each.frequency
        parts.append(_line(x, _y(frequency.low), x, _y(frequency.high), "whisker"))
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{_y(frequency.value):.1f}" r="4"/>')
    parts.append(_text(_x(0.62), _y(0.56), "as said", "note"))
    described = (
        f"{len(reliability.bins)} bins of equal mass. Expected calibration error "
        f"{reliability.error}; a perfect model shows {reliability.error_if_perfect:.3f}."
    )
    axes = _axes("probability said", "share that were asks")
    return _svg(f"Reliability, {name}", described, [*axes, *parts])


def draw_precision_recall(curves: Sequence[Curve], name: str) -> str:
    """Return precision over recall of both asks."""
    parts, told = [], []
    for number, curve in enumerate(curves):
        kind = "first" if number == 0 else "second"
        points = " ".join(
            f"{_x(recall):.1f},{_y(precision):.1f}" for recall, precision in curve.points
        )
        if points:
            parts.append(f'<polyline class="curve {kind}" points="{points}"/>')
        y = _y(0.16 - 0.09 * number)
        parts.append(_line(_x(0.04), y, _x(0.14), y, f"curve {kind}"))
        parts.append(_text(_x(0.16), y + 4, curve.label.replace("_", " "), "note"))
        told.append(f"{curve.label}: average precision {curve.average_precision}.")
    axes = _axes("recall", "precision")
    return _svg(f"Precision and recall, {name}", " ".join(told), [*axes, *parts])


def draw_histogram(bins: Sequence[HistogramBin], name: str) -> str:
    """Return the spread of probabilities: asks upwards, other posts downwards."""
    asks, others = sum(each.asks for each in bins), sum(each.others for each in bins)
    shares = [(each.asks / max(1, asks), each.others / max(1, others)) for each in bins]
    highest = max([0.01, *(share for pair in shares for share in pair)])
    middle, reach = _TOP + _SPAN_Y / 2, _SPAN_Y / 2
    parts = []
    for each, (up, down) in zip(bins, shares, strict=True):
        left, width = _x(each.low) + 1, _SPAN_X * (each.high - each.low) - 2
        rise, fall = reach * up / highest, reach * down / highest
        parts.append(_bar(left, middle - rise, width, rise, "asks"))
        parts.append(_bar(left, middle, width, fall, "others"))
    parts.append(_line(_LEFT, middle, _LEFT + _SPAN_X, middle, "axis"))
    parts.append(_text(_x(0.5), _TOP + 14, f"{asks} asks, up", "note", "middle"))
    bottom = _TOP + _SPAN_Y - 8
    parts.append(_text(_x(0.5), bottom, f"{others} other posts, down", "note", "middle"))
    for share, y in ((highest, _TOP), (0.0, middle), (highest, _TOP + _SPAN_Y)):
        parts.append(_text(_LEFT - 6, y + 4, f"{share:.0%}", "tick", "end"))
    described = "Share of asks and of other posts in each twentieth of the probability of an ask."
    return _svg(f"Probabilities, {name}", described, [*_scale("probability said"), *parts])


def _axes(across: str, up: str) -> list[str]:
    parts = []
    for tick in _TICKS:
        parts.append(_line(_x(tick), _TOP, _x(tick), _floor(), "grid"))
        parts.append(_line(_LEFT, _y(tick), _LEFT + _SPAN_X, _y(tick), "grid"))
        parts.append(_text(_LEFT - 6, _y(tick) + 4, f"{tick:.1f}", "tick", "end"))
    middle = _TOP + _SPAN_Y / 2
    parts.append(
        f'<text class="note" transform="rotate(-90 12 {middle:.0f})" x="12" y="{middle:.0f}" '
        f'text-anchor="middle">{escape(up)}</text>'
    )
    return [*parts, *_scale(across)]


def _scale(across: str) -> list[str]:
    return [
        *(_text(_x(tick), _floor() + 18, f"{tick:.1f}", "tick", "middle") for tick in _TICKS),
        _text(_x(0.5), _HEIGHT - 8, across, "note", "middle"),
    ]


def _svg(title: str, described: str, parts: Sequence[str]) -> str:
    key = "".join(letter if letter.isalnum() else "-" for letter in title.lower())
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
                f'role="img" aria-labelledby="{key}-title {key}-desc">'
            ),
            f'<title id="{key}-title">{escape(title)}</title>',
            f'<desc id="{key}-desc">{escape(described)}</desc>',
            *parts,
            "</svg>",
        ]
    )


def _x(share: float) -> float:
    return _LEFT + _SPAN_X * share


def _y(share: float) -> float:
    return _TOP + _SPAN_Y * (1 - share)


def _floor() -> float:
    return _TOP + _SPAN_Y


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _text(x: float, y: float, content: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(content)}</text>"
    )
