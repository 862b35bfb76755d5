"""The commands, on an embedded installation of the test's own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from askwatch.backends import Backends, opened, prepare
from askwatch.bus.base import Record
from askwatch.cli.main import app
from askwatch.clock import SystemClock
from askwatch.errors import AskwatchError, ConfigurationError, NotFoundError
from askwatch.settings import Settings
from askwatch.state import dead_letters
from tests.askwatch.cli.test_company_file import GOOD

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Shell:
    """Runs commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--data", str(self.folder)])
        if isinstance(result.exception, AskwatchError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path / "data")
    made.run("migrate")
    return made


@pytest.fixture
def backends(shell: Shell) -> Iterator[Backends]:
    clock = SystemClock()
    with opened(Settings.load(data_dir=shell.folder), clock=clock) as found:
        prepare(found, clock=clock)
        yield found


def add_dead_letter(backends: Backends) -> str:
    record = Record("posts", 0, 7, "a/1", b'{"broken', {"schema": "post/1"}, NOW)
    return backends.database.write(
        lambda tx: dead_letters.add(
            tx, record, group="nlp", reason="not a PostRecord", trace="file:1", now=NOW
        )
    )


def test_migrate_says_where_the_schema_stands(shell: Shell) -> None:
    assert "revision 0004" in shell.run("migrate")


def test_status_is_a_table_or_json(shell: Shell) -> None:
    assert "dead letters" in shell.run("status")
    status = orjson.loads(shell.run("status", "--json"))
    assert (status["alerts"], status["posts"]) == (0, 0)
    assert [each["source_id"] for each in status["sources"]] == ["hand-in"]


def test_a_folder_that_holds_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no Askwatch in"):
        Shell(tmp_path).run("status")


def test_a_company_file_is_applied_after_a_dry_run(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text(GOOD)
    assert "6 would change" in shell.run("apply", str(path), "--dry-run")
    assert "+ topic identity" in shell.run("apply", str(path))
    assert "nothing to change" in shell.run("apply", str(path))


def test_a_policy_nobody_reads_is_refused(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text("[policies.rooting]\nx = 1\n")
    with pytest.raises(ConfigurationError, match="there is no such policy, only routing"):
        shell.run("apply", str(path))
    path.write_text('[policies.routing]\nset_size = "many"\n')
    with pytest.raises(ConfigurationError, match="set_size"):
        shell.run("apply", str(path))


def test_keys_are_made_listed_and_revoked(shell: Shell) -> None:
    told, secret = shell.run("keys", "create", "--role", "sales").strip().splitlines()
    assert secret.startswith("ask_")
    listed = shell.run("keys", "list")
    assert secret not in listed
    assert "sales" in listed
    key_id = told.split()[1]
    assert "is revoked" in shell.run("keys", "revoke", key_id)
    assert "revoked" in shell.run("keys", "list")
    with pytest.raises(NotFoundError):
        shell.run("keys", "revoke", "nope")
    with pytest.raises(NotFoundError):
        shell.run("keys", "create", "--role", "expert", "--expert", "nobody")


def test_dead_letters_are_listed_shown_replayed_and_dropped(
    shell: Shell, backends: Backends
) -> None:
    assert "no dead letters are open" in shell.run("dead", "list")
    letter = add_dead_letter(backends)
    assert "not a PostRecord" in shell.run("dead", "show", letter)
    assert letter[:8] in shell.run("dead", "list")
    assert "1 replayed" in shell.run("dead", "replay", "--all")
    assert backends.bus.size("posts") == 1
    assert "1 dropped" in shell.run("dead", "drop", letter)
    assert letter[:8] in shell.run("dead", "list", "--state", "dropped")


def test_a_sign_in_link_is_for_somebody_who_is_there(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text(GOOD)
    shell.run("apply", str(path))
    assert "/sign-in/" in shell.run("sign-in", "mette")
    assert "/sign-in/" in shell.run("sign-in", "Mette@example.com")
    with pytest.raises(ConfigurationError, match="nobody active"):
        shell.run("sign-in", "who@example.com")


def test_the_index_is_built_anew_and_nothing_is_violated(shell: Shell) -> None:
    assert "0 leads indexed" in shell.run("reindex")
    assert "0 violations" in shell.run("audit")


def test_a_replay_without_readers_sends_nothing(shell: Shell, backends: Backends) -> None:
    with pytest.raises(ConfigurationError, match="nlp and router must run"):
        shell.run("replay", "demo")
    assert backends.bus.size("posts") == 0


def test_posts_are_classified_and_broken_lines_told(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": "1", "text": "Can anyone recommend a CRM?"}\n{"id": 2}\n')
    result = CliRunner().invoke(app, ["classify", str(source), str(target), "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert "1 classified, 1 broken lines left out" in result.output
    (line,) = target.read_text().splitlines()
    assert orjson.loads(line)["intent"] == "vendor_request"


def test_a_labelled_file_is_evaluated(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text(
        '{"text": "Can anyone recommend a CRM?", "lang": "en", "intent": "vendor_request", '
        '"b2b": true, "topic": "crm_sales", "hard": false}\n'
    )
    result = CliRunner().invoke(app, ["evaluate", str(path)])
    assert result.exit_code == 0, result.output
    assert "1 posts, 1 labelled" in result.output


def askwatch(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "askwatch", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def test_an_unknown_process_is_one_clear_sentence(tmp_path: Path) -> None:
    code, said = askwatch("run", "everything", "--data", str(tmp_path))
    assert code == 1
    assert said.startswith("askwatch: there is no process 'everything': choose one of nlp,")


def test_a_taken_port_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = askwatch("up", "--data", str(tmp_path), "--port", str(port))
    assert code == 1
    assert said.startswith(f"askwatch: cannot listen on 127.0.0.1:{port} (Address already in use)")


def test_a_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = askwatch("up", "--data", str(tmp_path / "file"))
    assert code == 1
    assert "cannot be written" in said
    assert len(said.splitlines()) == 1


def test_a_second_instance_on_one_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4711")
        lock.flush()
        code, said = askwatch("up", "--data", str(tmp_path))
    assert code == 1
    assert said.startswith("askwatch: another Askwatch (process 4711) runs on the data folder")
