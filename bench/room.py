"""Where measuring takes place: fresh back ends in folders of their own, and what was measured."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import orjson

from askwatch.backends import Backends, opened, prepare
from askwatch.cli import company as company_commands
from askwatch.clock import Clock, SystemClock
from askwatch.settings import Settings
from bench.figures import Delays, Figure, Memory, describe_ratio
from bench.posts import PostFile, PostMaker, take_file
from bench.servers import Servers, made_database, removed_streams

ROOT = Path(__file__).resolve().parent.parent
SQLITE, KAFKA = "SQLite", "Kafka"
# What a file of somebody's may hold at most, so that a run ends.
_GIVEN_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of everything is measured."""

    processes: tuple[int, ...] = (1, 2)
    posts: int = 20_000  # a replay waits above this while nobody reads
    whole_posts: int = 30_000
    complete_posts: int = 1_500
    leads: int = 500
    searches: int = 400
    steady_s: float = 60.0
    # Ten times what streams hold, since a few asks would tell nothing of the slowest.
    steady_ask_share: float = 0.05


QUICK = Amounts(
    processes=(1,),
    posts=1_500,
    whole_posts=1_500,
    complete_posts=100,
    leads=40,
    searches=20,
    steady_s=3.0,
)


@dataclass(slots=True)
class Room:
    """Everything a measurement needs, and the place where its figures go."""

    folder: Path
    amounts: Amounts
    ask_share: float
    servers: Servers
    given: Path | None = None
    say: Callable[[str], None] = print
    clock: Clock = field(default_factory=SystemClock)
    maker: PostMaker = field(default_factory=PostMaker)
    figures: list[Figure] = field(default_factory=list)
    delays: list[Delays] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _number: int = 0

    def make_posts(self, count: int, *, ask_share: float | None = None) -> PostFile:
        """Return a file of posts that were not there before, or those of the file given."""
        path = self.make_folder() / "posts.jsonl"
        if self.given is not None and ask_share is None:
            return take_file(self.given, limit=min(count, _GIVEN_LIMIT), folder=path.parent)
        share = self.ask_share if ask_share is None else ask_share
        return self.maker.write(path, count, ask_share=share)

    def make_folder(self) -> Path:
        """Return a new empty folder."""
        self._number += 1
        path = self.folder / str(self._number)
        path.mkdir()
        return path

    def add(self, figure: Figure) -> None:
        """Keep a figure, beside its baseline, and say it."""
        if figure.baseline:
            figure = replace(figure, baseline_rate=self.find_baseline(figure.baseline))
        self.figures.append(figure)
        ratio = f", {describe_ratio(figure.ratio)} of {figure.baseline}" if figure.baseline else ""
        self.say(
            f"{figure.part}, {figure.processes} process(es): "
            f"{figure.rate:,.0f} {figure.unit}/s{ratio} ({figure.mix})"
        )

    def find_baseline(self, name: str) -> float:
        """Return the rate of a baseline of this run; 0.0 when it was not measured."""
        return next((each.rate for each in self.figures if each.part == name), 0.0)

    @property
    def modes(self) -> list[str]:
        """Return the buses that can be measured here."""
        return [SQLITE, KAFKA] if self.servers.kafka else [SQLITE]

    @contextlib.contextmanager
    def opened(self, mode: str, *, with_servers: bool = False) -> Iterator[Backends]:
        """Open fresh back ends with the demonstration company and no source.

        `with_servers` puts state and index on servers too, as in production.
        """
        folder = self.make_folder()
        self.maker.begin_again()
        with contextlib.ExitStack() as stack:
            given: dict[str, object] = {"data_dir": folder, "log_format": "json"}
            if mode == KAFKA:
                prefix = f"bench-{uuid4().hex[:8]}-"
                given |= {"bus_url": f"kafka://{self.servers.kafka}", "stream_prefix": prefix}
                stack.enter_context(removed_streams(self.servers, prefix))
            if with_servers:
                url = stack.enter_context(made_database(self.servers.postgres))
                given |= {"state_url": url, "search_url": self.servers.elasticsearch}
                given |= {"secret_key": uuid4().hex}
            settings = Settings.load(**given)
            backends = stack.enter_context(opened(settings, clock=self.clock))
            prepare(backends, clock=self.clock)
            apply_company(backends, self.clock)
            yield backends


def apply_company(backends: Backends, clock: Clock) -> None:
    """Bring the demonstration company in, without its posts."""
    company = replace(company_commands.demonstration(), sources=())
    now = clock.now()
    backends.database.write(
        lambda transaction: company_commands.apply(transaction, company, actor="bench", now=now)
    )


def find_servers() -> Servers:
    """Return the addresses of what `make servers` started."""
    script = ROOT / "deploy" / "local" / "servers.py"
    done = subprocess.run(
        [sys.executable, str(script), "status", "--json"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    found = orjson.loads(done.stdout) if done.returncode == 0 else {}
    addresses = {name: entry.get("address", "") for name, entry in found.items()}
    return Servers(
        kafka=addresses.get("kafka", ""),
        postgres=addresses.get("postgres", ""),
        elasticsearch=addresses.get("elasticsearch", ""),
    )


def load_average() -> float:
    """Return the machine's load over the last minute: what else runs blurs the figures."""
    return os.getloadavg()[0]
