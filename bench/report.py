"""Writes what was measured as tables, between two marks of a page that a person wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Delays, Figure, Memory, describe_ratio

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


class PageError(Exception):
    """The page has no place for the figures."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run measured, and where."""

    machine: str
    figures: Sequence[Figure]
    delays: Sequence[Delays]
    memory: Sequence[Memory]
    left_out: Sequence[str]


def print_tables(report: Report) -> str:
    """Return the report as Markdown."""
    parts = [report.machine, _print_rates(report.figures)]
    if report.delays:
        parts.append(_print_delays(report.delays))
    parts += [_print_memory(memory) for memory in report.memory]
    if report.left_out:
        parts.append("Left out: " + "; ".join(report.left_out) + ".")
    return "\n\n".join(parts)


def write_page(path: Path, tables: str) -> None:
    """Put `tables` between the marks of the page at `path`.

    Raises:
        PageError: The page has no marks; nothing was written.
    """
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise PageError(f"{path} needs a line {BEGIN} and after it a line {END}")
    path.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


def _print_rates(figures: Sequence[Figure]) -> str:
    rows = [
        (
            figure.part,
            str(figure.processes),
            f"{figure.rate:,.0f} {figure.unit}/s".replace(",", " "),
            f"{describe_ratio(figure.ratio)} of {figure.baseline}"
            if figure.baseline
            else "baseline",
            "-" if figure.lead_share is None else f"{figure.lead_share:.2%}",
            figure.mix,
        )
        for figure in figures
    ]
    head = ("part", "processes", "rate", "ratio", "leads", "what went in and came out")
    return _print_table(head, rows)


def _print_delays(delays: Sequence[Delays]) -> str:
    rows = [
        (
            each.mode,
            f"{each.rate:.0f} posts/s",
            f"{each.percentile(0.5):.2f} s",
            f"{each.percentile(0.99):.2f} s",
            f"{len(each.delays_s)} of {each.found}",
        )
        for each in delays
    ]
    head = ("post read to first alert", "pace", "p50", "p99", "leads told")
    return _print_table(head, rows)


def _print_memory(memory: Memory) -> str:
    names = sorted(memory.pss_mb, key=lambda name: -memory.pss_mb[name])
    rows = [
        (name, f"{memory.rss_mb[name]:.0f} MiB", f"{memory.pss_mb[name]:.0f} MiB") for name in names
    ]
    total = f"{memory.total_mb:.0f} MiB"
    rows.append(("all", f"{sum(memory.rss_mb.values()):.0f} MiB", total))
    return _print_table((f"memory, {memory.mode}", "RSS", "PSS"), rows)


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines)


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
