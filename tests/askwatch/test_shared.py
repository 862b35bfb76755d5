"""Settings, links, clock, records and fault points."""

import signal
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from askwatch.clock import ManualClock, SystemClock
from askwatch.errors import (
    AlreadyClaimedError,
    BackendUnavailableError,
    BadRecordError,
    ConfigurationError,
    GoneError,
    NotAllowedError,
    NotFoundError,
)
from askwatch.events import (
    LeadKind,
    LeadRecord,
    PostKind,
    PostRecord,
    make_lead_record,
    make_post_record,
)
from askwatch.faults import CRASH_VARIABLE, crash_point
from askwatch.links import LeadLink, lead_link_url, read_lead_link, sign_lead_link
from askwatch.model.alert import LIVE_ALERT_STATES, AlertState, Channel
from askwatch.model.expert import Expert
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId, TopicId, hash_author, new_id
from askwatch.model.lead import CLAIMABLE_LEAD_STATES, FINAL_LEAD_STATES
from askwatch.model.post import Post
from askwatch.model.source import Permission
from askwatch.model.topic import Topic
from askwatch.search.query import FACET_FIELDS, LeadDocument, LeadQuery, SortField
from askwatch.settings import Settings

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SECRET = "s" * 32


def make_post(**changes: object) -> Post:
    post = Post(
        source_id=SourceId("feed"),
        post_id=PostId("1"),
        title="Søger revisor",
        text="Nogen der kender en?",
        published_at=NOW,
        observed_at=NOW,
    )
    return post.model_copy(update=changes)


def test_a_post_record_survives_its_bytes() -> None:
    record = make_post_record(PostKind.OBSERVED, make_post(), at=NOW, author_hash="h")
    assert PostRecord.from_bytes(record.to_bytes()) == record
    assert record.key == "feed/1"


def test_the_same_post_has_the_same_event_id_and_an_edit_another_one() -> None:
    def event_id(revision: int) -> str:
        post = make_post(revision=revision)
        return make_post_record(PostKind.EDITED, post, at=NOW, author_hash="").event_id

    assert event_id(1) == event_id(1)
    assert event_id(1) != event_id(2)


def test_a_lead_record_without_understanding_carries_no_text() -> None:
    record = make_post_record(PostKind.DELETED, make_post(), at=NOW, author_hash="h")
    lead = make_lead_record(LeadKind.WITHDRAWN, record, at=NOW, understanding=None)
    assert lead.post is None
    assert LeadRecord.from_bytes(lead.to_bytes()) == lead


def test_removals_of_an_author_go_under_their_hash() -> None:
    record = PostRecord(
        event_id="e", kind=PostKind.AUTHOR_REMOVED, at=NOW, source_id="feed", author_hash="abc"
    )
    assert record.key == "feed/abc"


def test_broken_bytes_are_a_bad_record_and_the_message_hides_the_text() -> None:
    broken = b'{"event_id": "e", "kind": "observed", "at": "secret words"}'
    with pytest.raises(BadRecordError, match="not a PostRecord record: ") as caught:
        PostRecord.from_bytes(broken)
    assert "secret" not in str(caught.value)


def test_a_title_is_not_said_twice() -> None:
    assert make_post().full_text == "Søger revisor\n\nNogen der kender en?"
    assert make_post(text="Søger revisor i Aarhus").full_text == "Søger revisor i Aarhus"
    assert make_post(text="").full_text == "Søger revisor"


def test_the_age_of_a_post_from_the_future_is_zero(clock: ManualClock) -> None:
    post = make_post(published_at=clock.now())
    assert post.age_s(NOW) == 0.0
    clock.advance(90.0)
    assert post.age_s(clock.now()) == 90.0


def test_a_signed_link_opens_what_it_was_made_for() -> None:
    link = LeadLink(ExpertId("mette"), LeadId("l1"))
    url = lead_link_url("https://ask.example", SECRET, link)
    assert read_lead_link(SECRET, url.removeprefix("https://ask.example/a/")) == link


@pytest.mark.parametrize("damage", ["", "x", "WyJhIl0.abc"])
def test_a_link_that_is_not_ours_is_refused(damage: str) -> None:
    with pytest.raises(NotAllowedError, match="open the mail again"):
        read_lead_link(SECRET, damage)


def test_a_link_of_another_secret_is_refused() -> None:
    token = sign_lead_link("other" * 8, LeadLink(ExpertId("mette"), LeadId("l1")))
    with pytest.raises(NotAllowedError):
        read_lead_link(SECRET, token)


def test_settings_default_to_everything_embedded() -> None:
    settings = Settings.load(port=8100)
    assert settings.is_embedded
    assert settings.public_url == "http://127.0.0.1:8100"
    assert not settings.is_secure


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKWATCH_PORT", "many")
    with pytest.raises(ConfigurationError, match="ASKWATCH_PORT: Input should be"):
        Settings.load()


def test_settings_never_show_secrets() -> None:
    settings = Settings.load(secret_key=SECRET, smtp_url="smtp://a:b@host")
    assert SECRET not in repr(settings)
    assert "a:b" not in repr(settings)


def test_a_permission_counts_between_its_days() -> None:
    permission = Permission(
        permission_basis="contract",
        approved_by="Astrid",
        approved_on=date(2026, 1, 5),
        valid_until=date(2026, 6, 30),
    )
    assert permission.is_current(date(2026, 6, 30))
    assert not permission.is_current(date(2026, 7, 1))
    assert not permission.is_current(date(2026, 1, 4))


def test_a_topic_has_names_by_language() -> None:
    topic = Topic(topic_id=TopicId("web"), name="Websites", names={"da": "Hjemmesider"})
    assert (topic.name_in("da"), topic.name_in("sv")) == ("Hjemmesider", "Websites")


def test_the_hash_of_an_author_depends_on_secret_and_source() -> None:
    hashes = {hash_author(*each, "anna") for each in (("a", "x"), ("b", "x"), ("a", "y"))}
    assert len(hashes) == 3


def test_fresh_ids_differ() -> None:
    assert new_id() != new_id()


def test_errors_say_what_happened_and_what_to_do() -> None:
    assert str(AlreadyClaimedError("l", "m", "Mette")) == "Mette has taken it already"
    assert "expired" in str(GoneError("l", "expired"))
    assert str(BackendUnavailableError("Kafka", "refused")) == "Kafka does not answer: refused"
    assert str(NotFoundError("lead", "x")) == "there is no lead 'x'"


def test_the_system_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.now().tzinfo is UTC


def test_a_crash_point_kills_only_when_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CRASH_VARIABLE, "elsewhere")
    crash_point("here")
    script = "from askwatch.faults import crash_point; crash_point('here')"
    monkeypatch.setenv(CRASH_VARIABLE, "here")
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL


def test_an_expert_works_in_office_hours_unless_said_otherwise() -> None:
    expert = Expert(expert_id=ExpertId("mette"), name="Mette", email="mette@nordlys.example")
    assert expert.hours["mon"] == ("08:00-17:00",)
    assert "sun" not in expert.hours
    assert expert.channels == (Channel.INBOX, Channel.EMAIL)


def test_final_states_cannot_be_claimed() -> None:
    assert not FINAL_LEAD_STATES & CLAIMABLE_LEAD_STATES
    assert AlertState.TIMED_OUT not in LIVE_ALERT_STATES


def test_a_query_shows_the_newest_first() -> None:
    query = LeadQuery()
    assert (query.sort, query.descending, query.limit) == (SortField.FOUND_AT, True, 50)
    assert set(FACET_FIELDS) <= {field.name for field in fields(LeadDocument)}
