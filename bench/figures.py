"""What is measured: a rate beside its baseline, and the times of a post on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

JSON_PARSE, SQLITE_APPEND, KAFKA_PRODUCE = "JSON parse", "SQLite append", "Kafka produce"


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate. `mix` says what was put in and what came of it, as far as it matters."""

    part: str
    count: int
    duration_s: float
    unit: str = "posts"
    processes: int = 1
    baseline: str = ""  # name of a baseline; "" for a baseline itself
    baseline_rate: float = 0.0
    mix: str = ""
    lead_share: float | None = None  # of what was put in, in [0, 1]; None where there are no posts

    @property
    def rate(self) -> float:
        """Return how many a second."""
        return self.count / self.duration_s if self.duration_s > 0 else 0.0

    @property
    def ratio(self) -> float:
        """Return the rate as a part of its baseline's; 1.0 for a baseline."""
        if not self.baseline:
            return 1.0
        return self.rate / self.baseline_rate if self.baseline_rate > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from reading a post to telling the first colleague, at a steady pace."""

    mode: str
    rate: float
    delays_s: tuple[float, ...]
    found: int  # leads in the lane of alerts, told or not yet

    def percentile(self, part: float) -> float:
        return percentile(self.delays_s, part)


@dataclass(frozen=True, slots=True)
class Memory:
    """The most that each process was seen to hold, in MiB."""

    mode: str
    rss_mb: Mapping[str, float]
    pss_mb: Mapping[str, float]  # pages shared by n processes count 1/n in each

    @property
    def total_mb(self) -> float:
        """Return what all processes together really take."""
        return sum(self.pss_mb.values())


def percentile(values: Sequence[float], part: float) -> float:
    """Return the least value that `part` (in (0, 1]) of all values do not exceed; 0.0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, ceil(part * len(ordered)) - 1)]


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return e.g. "12 alerting, 3 review", the most frequent first; "none" of nothing."""
    present = [(name, count) for name, count in counts.items() if count]
    ordered = sorted(present, key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} {name}" for name, count in ordered) or "none"


def describe_ratio(ratio: float) -> str:
    """Return two digits that mean something, never an exponent."""
    if ratio >= 1:
        return f"{ratio:.1f}"
    digits = 2
    while digits < 6 and ratio and ratio < 10 ** (1 - digits):
        digits += 1
    return f"{ratio:.{digits}f}"


def describe_work(work_s: Mapping[str, float], count: int) -> str:
    """Return milliseconds of processor time that each process spent on one of `count` posts."""
    costs = {name: 1000 * each / max(1, count) for name, each in work_s.items()}
    ordered = sorted(costs.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {cost:.2f}" for name, cost in ordered if cost >= 0.005)
