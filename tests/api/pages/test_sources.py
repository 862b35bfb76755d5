"""Sources and health."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import insert

from askwatch.bus.streams import STREAMS
from askwatch.model.ids import SourceId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import audit, dead_letters, processes, sources, tables
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn
from tests.api.rows import NOW

PERMISSION = Permission(
    permission_basis="public feed", approved_by="Ida", approved_on=date(2026, 1, 1)
)


def put_source(world: World, source_id: str, **changes: object) -> None:
    values: dict[str, object] = {
        "source_id": source_id, "kind": SourceKind.FEED, "name": source_id.capitalize(),
        "url": f"https://example.com/{source_id}.xml", "permission": PERMISSION,
    }  # fmt: skip
    source = Source.model_validate(values | changes)
    world.database.write(lambda tx: sources.put_source(tx, source, now=NOW))


def put_letter(world: World, letter_id: str = "letter-1", state: str = "open") -> None:
    values: dict[str, object] = {
        "dead_letter_id": letter_id, "consumer_group": "nlp", "stream": "posts", "partition": 1,
        "offset": 7, "key": "feed/1", "headers": {"schema": "post/1"}, "value": b"{", "state":
        state, "reason": "not a <PostRecord>", "trace": "stage.py, line 1", "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    world.database.write(lambda tx: tx.execute(insert(tables.dead_letters).values(values)))


@pytest.fixture
def run(asked: World) -> World:
    """Return a world with sources, processes and a dead letter."""
    put_source(asked, "forum")
    put_source(
        asked,
        "ending",
        permission=PERMISSION.model_copy(update={"valid_until": NOW.date() + timedelta(days=5)}),
    )
    put_source(
        asked,
        "ended",
        permission=PERMISSION.model_copy(update={"valid_until": NOW.date() - timedelta(days=1)}),
    )
    put_source(asked, "bare", permission=None)
    report = sources.Report(
        state="failing",
        posts=1234,
        errors=3,
        message="answered 503",
        last_post_at=NOW,
        next_read_at=NOW + timedelta(minutes=5),
    )
    asked.database.write(lambda tx: sources.report(tx, SourceId("forum"), report, now=NOW))
    for name, state, silent_s in (
        ("nlp", "running", 1),
        ("router", "running", 60),
        ("relay", "stopped", 9),
        ("api", "starting", 1),
    ):
        row = processes.ProcessRow(
            instance=name,
            name=name,
            host="h",
            pid=1,
            state=state,
            started_at=NOW,
            beat_at=NOW - timedelta(seconds=silent_s),
            stats={"memory_mb": 81.5, "lag": 4},
        )
        asked.database.write(partial(processes.put_process, row=row))
    put_letter(asked)
    return asked  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("failing", "1,234", "answered 503", "until 7 Mar 2026", "none, so it is not read",
                "ended 1 Mar 2026", "until it is taken back", "not heard of", "81 MB",
                "not a &lt;PostRecord&gt;", "running", "starting", "stopped", "90 days")),
        ("da", ("fejler", "1.234", "ingen, så den læses ikke", "ikke hørt fra", "Opgivne poster")),
    ],
)  # fmt: skip
def test_every_source_tells_how_it_goes(
    browse: SignIn, run: World, locale: str, words: tuple[str, ...]
) -> None:
    page = browse("omar", locale).get("/sources")
    assert page.status_code == 200
    for each in words:
        assert each in page.text
    assert 'href="/feed?source=forum"' in page.text


@pytest.mark.parametrize("expert_id", ["astrid", "sanne"])
def test_it_is_for_those_who_run_the_service(browse: SignIn, run: World, expert_id: str) -> None:
    client = browse(expert_id)
    for page in (
        client.get("/sources"),
        client.post("/sources/forum/pause"),
        client.post("/sources/letters/letter-1/drop"),
        client.post("/sources/letters/letter-1/replay"),
    ):
        assert page.status_code == 403
        assert "This is not for you to open" in page.text
    assert 'href="/sources"' not in client.get("/").text


def test_a_source_is_paused_and_goes_on(browse: SignIn, run: World) -> None:
    client = browse("omar")
    assert client.post("/sources/forum/pause").status_code == 303
    page = client.get("/sources").text
    assert "Paused. Nothing is read from it until you go on." in page
    assert "/sources/forum/resume" in page
    assert client.post("/sources/forum/resume").status_code == 303
    source = run.database.read(lambda tx: sources.find_source(tx, SourceId("forum")))
    assert not source.is_paused
    entries = run.database.read(lambda tx: audit.list_entries(tx, object_id="forum"))
    assert [entry.action for entry in entries] == ["source.resume", "source.pause"]
    assert client.post("/sources/none/pause").status_code == 404


def test_a_dead_letter_goes_back_to_its_stream_once(browse: SignIn, run: World) -> None:
    client, before = browse("ada"), run.bus.size(STREAMS[0])
    assert client.post("/sources/letters/letter-1/replay").status_code == 303
    assert run.bus.size("posts") == before + 1
    assert "Sent back to its stream." in client.get("/sources").text
    again = client.post("/sources/letters/letter-1/replay")
    assert again.status_code == 409
    assert run.bus.size("posts") == before + 1


def test_a_dropped_letter_keeps_its_reason_only(browse: SignIn, run: World) -> None:
    client = browse("omar")
    assert "Dropping erases the record for good" in client.get("/sources").text
    assert client.post("/sources/letters/letter-1/drop").status_code == 303
    letter = run.database.read(lambda tx: dead_letters.find(tx, "letter-1"))
    assert (letter.state, letter.value) == ("dropped", b"")
    assert "None: every record could be handled." in client.get("/sources").text


def test_a_service_without_sources_shows_a_way_on(browse: SignIn) -> None:
    page = browse("omar").get("/sources").text
    assert "No source yet" in page
    assert "No process has been heard of." in page
