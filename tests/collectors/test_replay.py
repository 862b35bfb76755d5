"""A file of posts: what each line says, broken ones told, and the pace at which it leaves."""

import gzip
import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock
from askwatch.errors import ConfigurationError
from askwatch.events import PostKind
from askwatch.model.ids import SourceId
from askwatch.settings import Settings
from askwatch.state import suppression
from askwatch.state.engine import Database
from collectors.intake import Intake
from collectors.replay import ReplayFile, ReplayProgress, replay_file
from tests.collectors.builders import NOW, read_stream

FILE = SourceId("file")
ASK = "Kender nogen en god revisor?"


def write(path: Path, *lines: object) -> Path:
    file = path / "posts.jsonl"
    file.write_bytes(
        b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
    )
    return file


def post(number: int = 1, **changes: object) -> dict[str, object]:
    return {"id": str(number), "text": f"{ASK} {number}"} | changes


@pytest.fixture
def replay(
    sqlite_database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
) -> "Replay":
    return Replay(sqlite_database, bus, settings, clock)


class Replay:
    """Calls the front door as the command line does."""

    def __init__(
        self, database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
    ) -> None:
        self.database, self.bus, self.settings, self.clock = database, bus, settings, clock
        self.told: list[int] = []

    def __call__(self, path: Path | str, **options: object) -> ReplayProgress:
        return replay_file(
            path,
            database=self.database,
            bus=self.bus,
            settings=self.settings,
            clock=self.clock,
            source_id=FILE,
            on_progress=lambda progress: self.told.append(progress.posts),
            **options,  # type: ignore[arg-type]  # a test's own options
        )


def test_a_line_becomes_a_post(replay: Replay, tmp_path: Path) -> None:
    line = post(
        title="Revisor?",
        author="anna",
        url="https://forum.example/1",
        platform="Forum",
        lang="da",
        published_at="2026-03-01T12:00:00+01:00",
    )
    done = replay(write(tmp_path, line))
    assert (done.posts, done.removals, done.broken, done.summary) == (1, 0, 0, "")
    (record,) = read_stream(replay.bus)
    assert record.kind is PostKind.OBSERVED
    found = record.post
    assert found is not None
    assert (found.title, found.place, found.lang_hint) == ("Revisor?", "Forum", "da")
    assert (found.author.author_id, found.url) == ("anna", "https://forum.example/1")
    assert found.published_at == datetime(2026, 3, 1, 11, 0, tzinfo=UTC)


def test_a_line_without_a_time_is_from_now(replay: Replay, tmp_path: Path) -> None:
    replay(write(tmp_path, {"id": 7, "text": ASK}))
    (record,) = read_stream(replay.bus)
    assert record.post is not None
    assert (record.post_id, record.post.published_at) == ("7", NOW)


def test_edits_and_removals_are_said_in_order(replay: Replay, tmp_path: Path) -> None:
    done = replay(
        write(
            tmp_path,
            post(),
            post(kind="edited", text="Haster!"),
            {"id": "1", "kind": "deleted"},
            {"author": "anna", "kind": "author_removed"},
        )
    )
    assert (done.posts, done.removals) == (2, 2)
    records = read_stream(replay.bus)
    mine = [record for record in records if record.post_id]
    assert [record.kind.value for record in mine] == ["observed", "edited", "deleted"]
    assert sorted({record.revision for record in mine}) == [1, 3, 4]
    (removal,) = [record for record in records if record.kind is PostKind.AUTHOR_REMOVED]
    assert removal.author_hash


def test_a_file_sent_twice_says_the_same_twice(replay: Replay, tmp_path: Path) -> None:
    file = write(tmp_path, post(), post(kind="edited", text="Haster!"))
    replay(file)
    first = [record.event_id for record in read_stream(replay.bus)]
    replay(file)
    assert [record.event_id for record in read_stream(replay.bus)] == first


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{broken", "not JSON"),
        (b'{"id": "1", "text": "\xff\xfe"}', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        ({"text": ASK}, '"id" is missing'),
        ({"id": "", "text": ASK}, '"id" is missing'),
        ({"id": ["x"], "text": ASK}, '"id" is missing'),
        ({"id": "1"}, "the post is empty"),
        ({"id": "1", "text": "\x00 "}, "the post is empty"),
        ({"id": "1", "text": 5}, '"text" must be text'),
        ({"id": "1", "text": ASK, "published_at": "soon"}, "not an ISO 8601 time"),
        ({"id": "1", "text": ASK, "after_s": "2"}, '"after_s" must be a number'),
        ({"id": "1", "text": ASK, "kind": "liked"}, "unknown kind 'liked'"),
        ({"id": "1", "text": ASK, "kind": ["x"]}, "unknown kind ['x']"),
        ({"kind": "author_removed"}, '"author" is missing'),
        (b'{"id": "1", "text": "' + b"x" * (5 * 2**20) + b'"}', "longer than 4 MiB"),
    ],
)
def test_a_broken_line_is_told_and_the_rest_is_sent(
    replay: Replay, tmp_path: Path, line: object, said: str
) -> None:
    done = replay(write(tmp_path, post(8), b"", line, post(9)))
    assert (done.posts, done.broken, done.line) == (2, 1, 4)
    assert done.faults[0].startswith("line 3: ")
    assert said in done.faults[0]
    assert done.summary == f"1 lines were skipped, the first: {done.faults[0]}"


def test_of_many_broken_lines_the_first_are_told(replay: Replay, tmp_path: Path) -> None:
    done = replay(write(tmp_path, *[b"{"] * 50))
    assert (done.broken, len(done.faults)) == (50, 20)


def test_files_with_a_byte_order_mark_or_packed_are_read(replay: Replay, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + orjson.dumps(post())
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    assert [replay(file).posts for file in (plain, packed)] == [1, 1]


def test_a_file_that_cannot_be_read_is_named(replay: Replay, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl.gz"
    packed = gzip.compress(orjson.dumps(post()) * 500)
    for content in (b"no gzip", packed[:-20], packed[:30] + b"\0" * 30):
        broken.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"broken\.jsonl\.gz cannot be read"):
            replay(broken)
    with pytest.raises(ConfigurationError, match=r"missing\.jsonl cannot be read"):
        replay(tmp_path / "missing.jsonl")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        replay(tmp_path)


def test_posts_of_suppressed_authors_stay_out(
    replay: Replay, intake: Intake, tmp_path: Path
) -> None:
    author = intake.hash_of(FILE, "anna")
    replay.database.write(lambda tx: suppression.add(tx, author, "opt_out", now=NOW))
    assert replay(write(tmp_path, post(1, author="anna"), post(2, author="bo"))).posts == 1


def test_progress_is_told_after_every_batch(replay: Replay, tmp_path: Path) -> None:
    replay(write(tmp_path, *[post(number) for number in range(1_200)]))
    assert replay.told == [500, 1_000, 1_200]


def test_a_replay_that_is_told_to_stop_stops(replay: Replay, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert replay(write(tmp_path, post()), stop=stop).posts == 0


def test_a_second_pass_is_about_new_posts(
    intake: Intake, clock: ManualClock, tmp_path: Path
) -> None:
    file = write(tmp_path, post(), {"id": "1", "kind": "deleted"})
    reader = ReplayFile(file, source_id=FILE, intake=intake, clock=clock, run=2)
    lines = list(reader.read(0, ReplayProgress()))
    assert [line.record.post_id for line in lines] == ["1~2", "1~2"]


def test_reading_goes_on_behind_a_line(intake: Intake, clock: ManualClock, tmp_path: Path) -> None:
    file = write(tmp_path, post(1), b"{", post(3))
    progress = ReplayProgress()
    lines = list(ReplayFile(file, source_id=FILE, intake=intake, clock=clock).read(2, progress))
    assert [line.number for line in lines] == [3]
    assert (progress.line, progress.broken) == (3, 0)
