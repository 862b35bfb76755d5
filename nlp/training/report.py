"""Writes an evaluation for a terminal: the essence by default, everything when asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from nlp.model import ASKS, INTENTS
from nlp.training.bootstrap import Estimate
from nlp.training.evaluate import EvaluationReport
from nlp.training.figures import AlertFigures, Curve, Group, LabelRow

_ASKED = tuple(intent.value for intent in ASKS)
_NOTHING = "-"


def format_report(report: EvaluationReport, *, full: bool = False) -> str:
    """Return tables; figures in brackets are 95 % intervals."""
    lines = [f"{report.posts} posts, {report.labelled} labelled, model {report.model}"]
    lines += ["", *_format_files(report, full=full)]
    if report.groups:
        lines += ["", *_format_asks(report.groups), "", *_format_lanes(report.groups)]
        lines += ["", *_format_calibration(report.groups)]
    if full:
        for group in report.groups:
            lines += ["", f"== {group.lang}", *_format_group(group)]
        lines += ["", *_format_slices(report)]
    if report.groups:
        lines += ["", f"[..] 95 % intervals, {report.resamples} resamples of posts"]
    return "\n".join(lines)


def to_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return aligned lines; the first column stands left, the others right."""
    table = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def show_f1(row: LabelRow | None) -> str:
    """Return F1 with its interval, a dash where the label does not occur."""
    return str(row.f1) if row is not None else _NOTHING


def find_or_none(group: Group, label: str, *, without_hard: bool = False) -> LabelRow | None:
    """Return the figures of a label; None where it does not occur."""
    rows = group.without_hard if without_hard else group.labels
    return next((row for row in rows if row.label == label), None)


def show_rate(rate: Estimate) -> str:
    """Return a rate per 1 000 with its interval."""
    return f"{rate.value:.1f} [{rate.low:.1f}-{rate.high:.1f}]"


def describe_alerts(alerts: AlertFigures) -> str:
    """Return what the alerts were, in words."""
    counts = [f"{getattr(alerts, each.name)} {each.name}" for each in fields(alerts)]
    return ", ".join(counts).replace("_", " ")


def _format_files(report: EvaluationReport, *, full: bool) -> list[str]:
    rows = [
        (each.name, str(each.posts), str(each.labelled), show_rate(each.alerts),
         show_rate(each.reviews))
        for each in report.files
    ]  # fmt: skip
    lines = to_table(("file", "posts", "labelled", "alerts per 1000", "review per 1000"), rows)
    if full:
        lines += [
            f"alerts of {each.name}: {' '.join(each.alert_ids)}"
            for each in report.files
            if each.alert_ids and not each.labelled
        ]
    return lines


def _format_asks(groups: Sequence[Group]) -> list[str]:
    head = ["F1", "posts"]
    for label in _ASKED:
        head += [label, "without hard"]
    rows = []
    for group in groups:
        row = [group.lang, str(group.posts)]
        for label in _ASKED:
            row.append(show_f1(find_or_none(group, label)))
            row.append(show_f1(find_or_none(group, label, without_hard=True)))
        rows.append(row)
    return to_table(head, rows)


def _format_lanes(groups: Sequence[Group]) -> list[str]:
    head = ("business asks", "number", "in alert", "alert or review", "topic first",
            "topic in three")  # fmt: skip
    rows = [
        (group.lang, str(group.asks.business_asks), str(group.asks.alerted),
         str(group.asks.found), str(group.asks.topic_first), str(group.asks.topic_in_three))
        for group in groups
    ]  # fmt: skip
    languages = ", ".join(f"{group.lang} {group.right_languages.value:.3f}" for group in groups)
    return [*to_table(head, rows), "", f"language right: {languages}"]


def _format_calibration(groups: Sequence[Group]) -> list[str]:
    head = ("calibration", "ECE", "if perfect", "Brier", "base rate",
            "ECE if remapped", "Brier")  # fmt: skip
    rows = []
    for group in groups:
        each = group.reliability
        rows.append(
            (group.lang, str(each.error), f"{each.error_if_perfect:.3f}", str(each.brier),
             f"{each.base_brier:.3f}", str(each.remapped.error),
             f"{each.remapped.brier.value:.3f}")
        )  # fmt: skip
    return [
        *to_table(head, rows),
        "(if remapped: after a map of two parameters per language, cross-fitted over five folds)",
    ]


def _format_group(group: Group) -> list[str]:
    lines: list[str] = []
    for title, posts, labels in (
        ("all posts", group.posts, group.labels),
        ("without hard", group.without_hard_posts, group.without_hard),
    ):
        lines += [f"{title}: {posts} posts", *_format_labels(labels), ""]
    lines += ["labels down, answers across", *_format_confusion(group), ""]
    for curve in group.curves:
        lines += [*_format_curve(curve), ""]
    lines += ["probability of an ask, ten bins of equal mass", *_format_bins(group), ""]
    lines.append(f"alerts: {describe_alerts(group.alerts)}")
    if group.taken_for:
        taken = ", ".join(f"{lang} {count}" for lang, count in group.taken_for)
        lines.append(f"languages said wrongly: {taken}")
    return lines


def _format_labels(labels: Sequence[LabelRow]) -> list[str]:
    return to_table(
        ("label", "posts", "found", "precision", "recall", "F1"),
        [
            (row.label, str(row.support), str(row.found), str(row.precision), str(row.recall),
             str(row.f1))
            for row in labels
        ],
    )  # fmt: skip


def _format_confusion(group: Group) -> list[str]:
    rows = [
        (intent.value, *map(str, counts))
        for intent, counts in zip(INTENTS, group.confusion, strict=True)
    ]
    return to_table(("", *(intent.value[:9] for intent in INTENTS)), rows)


def _format_curve(curve: Curve) -> list[str]:
    return [
        f"{curve.label}: average precision {curve.average_precision}",
        *to_table(
            ("threshold", "found", "precision", "recall", "F1"),
            [
                (f"{row.threshold:.2f}", str(row.found), f"{row.precision:.3f}",
                 f"{row.recall:.3f}", f"{row.f1:.3f}")
                for row in curve.rows
            ],
        ),
    ]  # fmt: skip


def _format_bins(group: Group) -> list[str]:
    rows = [
        (f"{each.low:.3f}-{each.high:.3f}", str(each.posts), f"{each.mean:.3f}",
         str(each.frequency))
        for each in group.reliability.bins
    ]  # fmt: skip
    return to_table(("from-to", "posts", "said", "asks among them"), rows)


def _format_slices(report: EvaluationReport) -> list[str]:
    lines: list[str] = []
    for kind in dict.fromkeys(each.kind for each in report.slices):
        rows = [
            (each.name, str(each.posts), str(each.asks), show_f1(each.vendor),
             show_f1(each.candidate), str(each.found), str(each.alarms))
            for each in report.slices
            if each.kind == kind
        ]  # fmt: skip
        head = (kind, "posts", "asks", *(f"{label} F1" for label in _ASKED),
                "asks in a lane", "alerts without ask")  # fmt: skip
        lines += [*to_table(head, rows), ""]
    return lines[:-1]
