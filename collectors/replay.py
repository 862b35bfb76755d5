"""Replays a JSON Lines file of posts over time: demonstration, back-tests, benchmarks.

A line: {"id", "text", "title"?, "author"?, "url"?, "place"? or "platform"?, "lang"?,
"published_at"?, "kind"?, "after_s"?}; kind is observed (default), edited, deleted or
author_removed; without published_at the post is from now; after_s waits before the line.
"""

import gzip
import io
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import IO, Any, cast

import orjson

from askwatch.bus.base import Bus
from askwatch.clock import Clock
from askwatch.errors import AskwatchError, ConfigurationError
from askwatch.events import PostKind, PostRecord
from askwatch.model.ids import SourceId
from askwatch.observe import POSTS_REFUSED
from askwatch.settings import Settings
from askwatch.state.engine import Database
from collectors.intake import Intake, make_author_removal, make_deletion
from collectors.normalise import Draft, RefusedPostError, choose_post_id, normalise
from collectors.replay_pace import Brake, Pace, ReplayLine

# Faults that are told one by one; the rest is a number.
_FAULTS_KEPT = 20
_LINE_LIMIT_BYTES = 4 * 2**20


class BrokenLineError(AskwatchError):
    """A line of the file is no post; the rest of the file is read."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: {reason}")


@dataclass(slots=True)
class ReplayProgress:
    """How far a replay is; `faults` tells the first broken lines."""

    line: int = 0
    posts: int = 0
    removals: int = 0
    broken: int = 0
    faults: list[str] = field(default_factory=list)

    def note_fault(self, error: BrokenLineError) -> None:
        self.broken += 1
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(str(error))

    @property
    def summary(self) -> str:
        """Return one sentence about broken lines; "" when there were none."""
        if not self.broken:
            return ""
        return f"{self.broken} lines were skipped, the first: {self.faults[0]}"


class ReplayFile:
    """Reads a file line by line into records of one source."""

    def __init__(
        self, path: str | Path, *, source_id: SourceId, intake: Intake, clock: Clock, run: int = 1
    ) -> None:
        self._path, self._source_id, self._run = path, source_id, run
        self._intake, self._clock = intake, clock

    def read(self, after_line: int, progress: ReplayProgress) -> Iterator[ReplayLine]:
        """Yield each good line behind `after_line`.

        `progress.line` is the last line that was looked at.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        try:
            with _open(self._path) as file:
                for number, line in enumerate(_lines(file), start=1):
                    if number <= after_line:
                        continue
                    progress.line = number
                    if not line.strip():
                        continue
                    try:
                        yield self._parse(line, number)
                    except BrokenLineError as error:
                        progress.note_fault(error)
                        POSTS_REFUSED.labels(source=self._source_id, reason="broken_line").inc()
        except (OSError, EOFError, zlib.error) as error:
            raise ConfigurationError(
                f"the replay file {self._path} cannot be read ({error}): check options.path"
            ) from error

    def _parse(self, line: bytes, number: int) -> ReplayLine:
        if len(line) >= _LINE_LIMIT_BYTES:
            raise BrokenLineError(number, "longer than 4 MiB")
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BrokenLineError(number, f"not JSON ({error.msg})") from error
        if not isinstance(entry, dict):
            raise BrokenLineError(number, "not a JSON object")
        wait_s = entry.get("after_s", 0)
        if isinstance(wait_s, bool) or not isinstance(wait_s, int | float):
            raise BrokenLineError(number, '"after_s" must be a number of seconds')
        try:
            kind = PostKind(entry.get("kind") or "observed")
        except ValueError as error:
            raise BrokenLineError(number, f"unknown kind {entry['kind']!r:.40}") from error
        return ReplayLine(number, float(wait_s), self._make_record(kind, entry, number))

    def _make_record(self, kind: PostKind, entry: dict[str, Any], number: int) -> PostRecord:
        now = self._clock.now()
        if kind is PostKind.AUTHOR_REMOVED:
            author = _text(entry, "author", number)
            if not author:
                raise BrokenLineError(number, '"author" is missing')
            return make_author_removal(
                self._source_id, self._intake.hash_of(self._source_id, author), at=now
            )
        post_id = entry.get("id")
        if not isinstance(post_id, str | int) or post_id == "":
            raise BrokenLineError(number, '"id" is missing')
        # A second pass is about new posts: every reader knows the old ones by their ids.
        name = str(post_id) if self._run == 1 else f"{post_id}~{self._run}"
        # The place in the file is a revision that grows, and the same in every replay.
        revision = 1 if kind is PostKind.OBSERVED else number + 1
        if kind is PostKind.DELETED:
            return make_deletion(self._source_id, choose_post_id(name), revision, at=now)
        try:
            post = normalise(_draft(entry, name, number), source_id=self._source_id, now=now)
        except RefusedPostError as error:
            raise BrokenLineError(number, f"the post is {error.reason}") from error
        if revision > 1:
            post = post.model_copy(update={"revision": revision})
        return self._intake.record(kind, post)


def replay_file(  # noqa: PLR0913 - what a stage gets, and what a person chose
    path: str | Path,
    *,
    database: Database,
    bus: Bus,
    settings: Settings,
    clock: Clock,
    source_id: SourceId,
    rate: float = 0.0,
    stop: threading.Event | None = None,
    on_progress: Callable[[ReplayProgress], None] | None = None,
) -> ReplayProgress:
    """Send every post of a file to the stream and return what became of its lines.

    `rate` is in posts a second; 0 sends as fast as the language stage keeps up. `on_progress` is
    called after every batch. Needs no row of a source.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    stop = stop or threading.Event()
    intake = Intake(database=database, bus=bus, secret_key=settings.secret_key, clock=clock)
    progress = ReplayProgress()

    def send(lines: list[ReplayLine]) -> None:
        kept = intake.drop_suppressed([line.record for line in lines])
        intake.produce(source_id, kept)
        count(progress, kept)
        if on_progress:
            on_progress(progress)

    file = ReplayFile(path, source_id=source_id, intake=intake, clock=clock)
    pace, brake = Pace(rate, clock=clock, stop=stop), Brake(bus, stop)
    try:
        for batch in pace.batches(file.read(0, progress)):
            send(batch)
            brake.sent(len(batch))
    finally:
        intake.close()
    return progress


def count(progress: ReplayProgress, records: list[PostRecord]) -> None:
    """Add what was sent to `progress`."""
    posts = sum(record.post is not None for record in records)
    progress.posts += posts
    progress.removals += len(records) - posts


def _open(path: str | Path) -> IO[bytes]:
    if str(path) == "demo":
        return io.BytesIO(files("collectors").joinpath("resources/demo.jsonl").read_bytes())
    if str(path).endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path))
    return Path(path).open("rb")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of `file` in bounded memory; of one that is too long only the beginning."""
    # A byte order mark is what some editors put before the first line.
    line = file.readline(_LINE_LIMIT_BYTES).removeprefix(b"\xef\xbb\xbf")
    while line:
        yield line
        while len(line) >= _LINE_LIMIT_BYTES and not line.endswith(b"\n"):
            line = file.readline(_LINE_LIMIT_BYTES)
        line = file.readline(_LINE_LIMIT_BYTES)


def _draft(entry: dict[str, Any], post_id: str, number: int) -> Draft:
    published_at = None
    given = _text(entry, "published_at", number)
    if given:
        try:
            published_at = datetime.fromisoformat(given)
        except ValueError as error:
            raise BrokenLineError(number, '"published_at" is not an ISO 8601 time') from error
    author = _text(entry, "author", number)
    return Draft(
        post_id=post_id,
        url=_text(entry, "url", number),
        title=_text(entry, "title", number),
        text=_text(entry, "text", number),
        author_id=author,
        author_name=author,
        lang=_text(entry, "lang", number),
        place=_text(entry, "place", number) or _text(entry, "platform", number),
        published_at=published_at,
    )


def _text(entry: dict[str, Any], name: str, number: int) -> str:
    value = entry.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BrokenLineError(number, f'"{name}" must be text')
    return value
