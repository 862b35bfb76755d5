"""Writes an evaluation as one page that needs nothing beside it: tables, and plots as SVG."""

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from askwatch.errors import ConfigurationError
from nlp.model import ASKS, INTENTS
from nlp.training.evaluate import EvaluationReport
from nlp.training.figures import Group
from nlp.training.plots import draw_histogram, draw_precision_recall, draw_reliability
from nlp.training.report import describe_alerts, find_or_none, show_rate

PAGE = "evaluation.html"
_TEMPLATE = "evaluation.html.jinja"
# As a language stands in a heading.
_NAMES = {
    "all": "All posts", "da": "Danish", "de": "German", "en": "English", "no": "Norwegian",
    "sv": "Swedish",
}  # fmt: skip


def render_page(report: EvaluationReport) -> str:
    """Return the page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["rate"] = show_rate
    environment.filters["alerts"] = describe_alerts
    source = files("nlp.training").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(source).render(
        report=report,
        asked=[intent.value for intent in ASKS],
        intents=[intent.value for intent in INTENTS],
        kinds=list(dict.fromkeys(each.kind for each in report.slices)),
        find=find_or_none,
        name_of=lambda lang: _NAMES.get(lang, lang),
        plots={group.lang: _draw(group) for group in report.groups},
    )


def write_page(target: Path, report: EvaluationReport) -> Path:
    """Write the page to a file, or as evaluation.html into a folder, and return where.

    Raises:
        ConfigurationError: It cannot be written there.
    """
    path = target if target.suffix in {".html", ".htm"} else target / PAGE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_page(report), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: the page cannot be written: {error.strerror}") from error
    return path


def _draw(group: Group) -> dict[str, Markup]:
    name = _NAMES.get(group.lang, group.lang)
    # The plots escape what they are given.
    return {
        "reliability": Markup(draw_reliability(group.reliability, name)),  # noqa: S704  # escaped by us
        "curves": Markup(draw_precision_recall(group.curves, name)),  # noqa: S704  # escaped by us
        "histogram": Markup(draw_histogram(group.reliability.histogram, name)),  # noqa: S704  # escaped by us
    }
