"""Taps, adaptations, back-tests and rejected posts, on every database."""

from datetime import timedelta

import pytest

from askwatch.errors import ConflictError, NotFoundError
from askwatch.model.adaptation import Adaptation, Layer
from askwatch.model.backtest import BacktestRequest, BacktestResult
from askwatch.model.feedback import AskedFor, Features, FeedbackKind
from askwatch.model.ids import LeadId, PostId, SourceId, TopicId
from askwatch.model.lead import Intent, Lane, TopicScore, Unadapted, Understanding
from askwatch.model.post import Post
from askwatch.state import (
    adaptations,
    audit,
    backtests,
    feedback,
    lead_writes,
    rejected_posts,
    suppression,
)
from askwatch.state.engine import Database, Transaction
from askwatch.state.feedback import Tap, hash_post
from askwatch.state.rejected_posts import Mark, MissRate, Rejected
from tests.contracts.lead_rows import FEED, NOW, make_lead

ANNA, BO = "expert:anna", "expert:bo"
FEATURES = Features(
    lang="da",
    intent=Intent.VENDOR_REQUEST,
    lane=Lane.ALERT,
    probability=0.9,
    probabilities={Intent.VENDOR_REQUEST: 0.9},
    b2b_probability=0.8,
    topics=(TopicScore(topic_id=TopicId("identity"), probability=0.9),),
    vector=(0.1, -0.2),
    model="m1",
)


def put_lead(database: Database, number: int = 1) -> LeadId:
    lead = make_lead(number)
    database.write(lambda tx: lead_writes.insert_lead(tx, lead, kind="lead.created", now=NOW))
    return lead.lead_id


def tap(database: Database, kind: FeedbackKind, by: str = ANNA, **said: object) -> None:
    lead = make_lead(1)
    database.write(
        lambda tx: feedback.give_for_lead(tx, lead, kind, given_by=by, now=NOW, **said)  # type: ignore[arg-type]  # as the test says
    )


def make_rejected(post_id: str = "1", author_hash: str = "hash-1", text: str = "hej") -> Rejected:
    post = Post(
        source_id=FEED,
        post_id=PostId(post_id),
        title="Titel",
        text=text,
        url="https://example.org/1",
        published_at=NOW,
        observed_at=NOW,
    )
    return Rejected(post, author_hash, FEATURES.model_copy(update={"lane": Lane.NONE}))


def add_rejected(database: Database, *posts: Rejected, per_hour: int = 30) -> int:
    return database.write(lambda tx: rejected_posts.add(tx, posts, per_hour=per_hour, now=NOW))


def test_a_tap_keeps_features_and_no_text(database: Database) -> None:
    lead_id = put_lead(database)
    database.write(lambda tx: feedback.put_features(tx, lead_id, FEATURES, now=NOW))
    tap(database, FeedbackKind.WRONG_TOPIC, topic_id=TopicId("cloud"))
    (found,) = database.read(feedback.list_taps)
    assert found.features == FEATURES
    assert (found.kind, found.topic_id, found.lead_id) == ("wrong_topic", "cloud", lead_id)
    assert "Keycloak" not in repr(found)


def test_a_lead_without_features_is_learned_from_by_its_row(database: Database) -> None:
    put_lead(database)
    tap(database, FeedbackKind.NOT_A_LEAD)
    (found,) = database.read(feedback.list_taps)
    assert (found.features.probability, found.features.vector) == (0.9, ())
    assert found.features.topics == make_lead(1).topics


def test_a_later_verdict_of_the_same_colleague_counts(database: Database) -> None:
    put_lead(database)
    tap(database, FeedbackKind.WANTED)
    tap(database, FeedbackKind.WRONG_KIND, asked_for=AskedFor.NONE)
    tap(database, FeedbackKind.MISSED_ENTITY, note="  200 seats  ")
    tap(database, FeedbackKind.NOT_A_LEAD, by=BO)
    assert database.read(feedback.count_taps) == {
        FeedbackKind.WRONG_KIND: 1,
        FeedbackKind.MISSED_ENTITY: 1,
        FeedbackKind.NOT_A_LEAD: 1,
    }
    said = database.read(lambda tx: feedback.list_kinds_of(tx, LeadId("lead-1"), ANNA))
    assert said == ["missed_entity", "wrong_kind"]


def test_notes_and_features_go_with_the_text_but_taps_stay(database: Database) -> None:
    lead_id = put_lead(database)
    database.write(lambda tx: feedback.put_features(tx, lead_id, FEATURES, now=NOW))
    tap(database, FeedbackKind.MISSED_ENTITY, note="200 seats")
    database.write(lambda tx: feedback.forget_text(tx, lead_id))
    (found,) = database.read(feedback.list_taps)
    assert (found.note, found.features) == ("", FEATURES)
    kept = database.read(lambda tx: feedback.find_features(tx, make_lead(1)))
    assert kept.vector == ()


@pytest.mark.parametrize("way", ["lead", "post", "author"])
def test_taps_go_with_a_deleted_post_and_a_removed_author(database: Database, way: str) -> None:
    put_lead(database)
    tap(database, FeedbackKind.NOT_A_LEAD)

    def erase(transaction: Transaction) -> None:
        if way == "lead":
            feedback.erase_of_lead(transaction, LeadId("lead-1"))
        elif way == "post":
            feedback.erase_of_post(transaction, FEED, PostId("1"))
        else:
            feedback.erase_of_author(transaction, "")
            assert feedback.count_taps(transaction)
            feedback.erase_of_author(transaction, "hash-1")

    database.write(erase)
    assert database.read(feedback.list_taps) == []


def test_the_newest_taps_come_in_the_order_they_were_given(database: Database) -> None:
    for number in range(3):
        given = Tap(
            kind=FeedbackKind.MISSED,
            given_by=ANNA,
            given_at=NOW + timedelta(seconds=number),
            post_hash=hash_post(SourceId("feed"), PostId(str(number))),
            author_hash="",
            features=FEATURES,
        )
        database.write(lambda tx, given=given: feedback.give(tx, given))  # type: ignore[misc]  # a default binds the loop's value
    found = database.read(lambda tx: feedback.list_taps(tx, limit=2))
    assert [each.given_at.second for each in found] == [1, 2]


def test_features_are_those_before_an_adaptation() -> None:
    known = FEATURES.model_dump(exclude={"vector"})
    understanding = Understanding(**known, vector=FEATURES.vector)
    assert Features.of(understanding) == FEATURES
    before = Unadapted(version=3, **FEATURES.model_dump(include=set(Unadapted.model_fields)))
    adapted = understanding.model_copy(
        update={"probability": 0.1, "lane": Lane.NONE, "model": "m1+3", "unadapted": before}
    )
    assert Features.of(adapted) == FEATURES


def learn(database: Database, shift: float, *, is_better: bool = True) -> int:
    content = Adaptation(alert_shift=shift, layer=Layer(bias=shift, topics={"identity": 1.0}))
    return database.write(
        lambda tx: adaptations.add(
            tx, content, is_better=is_better, figures={"taps": 40}, actor="cli", now=NOW
        )
    ).version


def champion_of(database: Database) -> int | None:
    found = database.read(adaptations.find_champion)
    return found.version if found else None


def test_a_better_adaptation_is_applied_and_a_worse_one_is_kept_to_look_at(
    database: Database,
) -> None:
    assert champion_of(database) is None
    assert (learn(database, 0.1), learn(database, 0.2, is_better=False)) == (1, 2)
    assert champion_of(database) == 1
    assert learn(database, 0.3) == 3
    rows = database.read(adaptations.list_adaptations)
    assert [(row.version, row.parent, row.state) for row in rows] == [
        (3, 1, "champion"),
        (2, 1, "challenger"),
        (1, None, "retired"),
    ]
    assert rows[0].content.layer.topics == {"identity": 1.0}
    assert rows[0].figures == {"taps": 40}


def test_one_step_goes_back_and_any_version_can_be_named(database: Database) -> None:
    for shift in (0.1, 0.2, 0.3):
        learn(database, shift)

    def roll_back(version: int | None = None) -> int:
        return database.write(lambda tx: adaptations.roll_back(tx, version, actor=ANNA, now=NOW))

    assert roll_back() == champion_of(database) == 2
    assert roll_back(3) == champion_of(database) == 3
    assert roll_back(0) == 0
    assert champion_of(database) is None
    with pytest.raises(ConflictError, match="nothing to roll back"):
        roll_back()
    with pytest.raises(NotFoundError):
        roll_back(9)
    entries = database.read(lambda tx: audit.list_entries(tx, object_id="adaptation"))
    assert [each.action for each in entries].count("adaptation.rollback") == 3
    assert entries[0].detail == {"version": 0, "before": 3}


def test_the_first_adaptation_goes_back_to_the_model_alone(database: Database) -> None:
    learn(database, 0.1)
    assert database.write(lambda tx: adaptations.roll_back(tx, actor="cli", now=NOW)) == 0
    assert champion_of(database) is None


def test_an_adaptation_that_changes_nothing_says_so() -> None:
    assert Adaptation(model="m1").is_neutral
    assert not Adaptation(alert_shift=0.1).is_neutral


def test_a_backtest_is_taken_once_and_again_when_its_worker_is_gone(database: Database) -> None:
    request = BacktestRequest(alert=0.9, most_posts=10)
    asked = database.write(lambda tx: backtests.ask_for(tx, request, actor="cli", now=NOW))
    assert (asked.state, asked.request, asked.result) == ("waiting", request, None)

    def take(after_s: float) -> str | None:
        now = NOW + timedelta(seconds=after_s)
        found = database.write(lambda tx: backtests.take(tx, now=now, duration_s=60))
        return found.backtest_id if found else None

    assert take(0) == asked.backtest_id
    assert take(59) is None
    assert take(60) == asked.backtest_id
    result = BacktestResult(posts=7)
    database.write(lambda tx: backtests.finish(tx, asked.backtest_id, result, now=NOW))
    assert take(1_000) is None
    done = database.read(lambda tx: backtests.find(tx, asked.backtest_id))
    assert (done.state, done.result) == ("done", result)


def test_a_backtest_that_failed_says_why_and_goes_in_time(database: Database) -> None:
    for _ in range(backtests.MOST_WAITING):
        database.write(lambda tx: backtests.ask_for(tx, BacktestRequest(), actor="cli", now=NOW))
    with pytest.raises(ConflictError, match="wait already"):
        database.write(lambda tx: backtests.ask_for(tx, BacktestRequest(), actor="cli", now=NOW))
    first = database.read(backtests.list_backtests)[0]
    database.write(lambda tx: backtests.fail(tx, first.backtest_id, "no model", now=NOW))
    found = database.read(lambda tx: backtests.find(tx, first.backtest_id))
    assert (found.state, found.error) == ("failed", "no model")
    later = NOW + timedelta(days=31)
    assert database.write(lambda tx: backtests.drop_old(tx, now=later)) == 5
    with pytest.raises(NotFoundError):
        database.read(lambda tx: backtests.find(tx, first.backtest_id))


def test_a_rejected_post_is_stored_once_and_no_more_than_so_many_an_hour(
    database: Database,
) -> None:
    posts = [make_rejected(str(number)) for number in range(4)]
    assert add_rejected(database, *posts[:2], per_hour=3) == 2
    assert add_rejected(database, posts[0], per_hour=3) == 1
    assert add_rejected(database, *posts[2:], per_hour=3) == 1
    assert add_rejected(database, posts[3], per_hour=3) == 0
    assert add_rejected(database) == 0
    found = database.read(rejected_posts.list_unmarked)
    assert len(found) == 3
    assert found[0].full_text == "Titel\n\nhej"
    later = NOW + timedelta(hours=2)
    assert database.write(lambda tx: rejected_posts.add(tx, posts[3:], per_hour=3, now=later)) == 1


def test_a_post_of_a_title_alone_can_be_read(database: Database) -> None:
    add_rejected(database, make_rejected(text=""))
    (found,) = database.read(rejected_posts.list_unmarked)
    assert found.full_text == "Titel"


def test_a_suppressed_author_is_in_no_sample(database: Database) -> None:
    database.write(lambda tx: suppression.add(tx, "gone", "opt_out", now=NOW))
    assert add_rejected(database, make_rejected("1", "gone"), make_rejected("2", "")) == 1


def test_a_mark_is_counted_and_a_miss_is_learned_from(database: Database) -> None:
    add_rejected(database, make_rejected("1"), make_rejected("2"))
    first, second = database.read(rejected_posts.list_unmarked)

    def mark(sample_id: str, said: Mark) -> None:
        database.write(lambda tx: rejected_posts.mark(tx, sample_id, said, actor=ANNA, now=NOW))

    mark(first.sample_id, Mark.ASK)
    mark(second.sample_id, Mark.NO_ASK)
    rate = database.read(lambda tx: rejected_posts.read_miss_rate(tx, since=NOW))
    assert (rate.marked, rate.misses, rate.share) == (2, 1, 0.5)
    assert database.read(rejected_posts.list_unmarked) == []
    assert database.read(feedback.count_taps) == {
        FeedbackKind.MISSED: 1,
        FeedbackKind.NOT_A_LEAD: 1,
    }


def test_text_goes_after_a_day_and_marks_stay(database: Database) -> None:
    add_rejected(database, make_rejected("1"), make_rejected("2"))
    first, _ = database.read(rejected_posts.list_unmarked)
    database.write(
        lambda tx: rejected_posts.mark(tx, first.sample_id, Mark.ASK, actor=ANNA, now=NOW)
    )

    def expire(after_h: float) -> int:
        now = NOW + timedelta(hours=after_h)
        return database.write(lambda tx: rejected_posts.expire(tx, now=now))

    assert (expire(23.9), expire(24), expire(25)) == (0, 2, 0)
    with pytest.raises(NotFoundError):
        database.read(lambda tx: rejected_posts.find(tx, first.sample_id))
    assert database.read(lambda tx: rejected_posts.read_miss_rate(tx, since=NOW)).misses == 1


@pytest.mark.parametrize("way", ["post", "author"])
def test_a_deleted_post_and_a_removed_author_are_gone_at_once(database: Database, way: str) -> None:
    add_rejected(database, make_rejected("1"), make_rejected("2", "other"))

    def erase(transaction: Transaction) -> None:
        if way == "post":
            rejected_posts.erase_of_post(transaction, FEED, PostId("1"))
        else:
            rejected_posts.erase_of_author(transaction, "")
            rejected_posts.erase_of_author(transaction, "hash-1")

    database.write(erase)
    (left,) = database.read(rejected_posts.list_unmarked)
    assert left.author_hash == "other"


def test_the_interval_of_the_miss_rate_is_wilsons() -> None:
    assert MissRate(0, 0).interval == (0.0, 1.0)
    assert MissRate(0, 0).share is None
    low, high = MissRate(200, 0).interval
    assert low == 0.0
    assert high == pytest.approx(0.01885, abs=1e-4)
    low, high = MissRate(100, 10).interval
    assert low == pytest.approx(0.0552, abs=1e-3)
    assert high == pytest.approx(0.1744, abs=1e-3)
