"""Which metrics `askwatch.observe` has, under the names that Prometheus sees."""

from dataclasses import dataclass

from prometheus_client import Counter, Gauge, Histogram

from askwatch import observe


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name as scraped, its kind, its labels and what it says."""

    name: str
    kind: str
    labels: tuple[str, ...]
    says: str

    @property
    def samples(self) -> set[str]:
        """Return the names of its time series."""
        if self.kind == "histogram":
            return {f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count")}
        return {self.name}


def list_families() -> list[Family]:
    """Return every metric, in the order of the module."""
    found = []
    for metric in vars(observe).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            (described,) = metric.describe()
            # The client adds the suffix of a counter when it is scraped.
            name = described.name + ("_total" if described.type == "counter" else "")
            found.append(
                Family(name, described.type, tuple(metric._labelnames), described.documentation)
            )
    return found
