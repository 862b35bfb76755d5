"""What records of the stream of leads do: make, merge, change, withdraw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from askwatch.errors import BadRecordError, NotFoundError
from askwatch.events import LeadKind, LeadRecord
from askwatch.model.alert import AlertState, DeliveryState
from askwatch.model.ids import EventId, ExpertId, PostId, SourceId
from askwatch.model.lead import Intent, Lane, LeadState, TopicScore
from askwatch.model.post import Author
from askwatch.state import bands, hand_ins, leads, suppression
from tests.router.worlds import (
    ANNA,
    BO,
    CLOUD,
    IDENTITY,
    World,
    kinds,
    make_bus_record,
    make_expert,
    make_understanding,
)

CANCELLED = {AlertState.CANCELLED, AlertState.SUPERSEDED}


def change(world: World, post_id: str = "1", revision: int = 2, **understood: object) -> LeadRecord:
    text = "Edited: who hosts Keycloak for banks?"
    post = world.make_post(post_id, revision=revision, text=text)
    return world.make_record(LeadKind.CHANGED, post, make_understanding(**understood))


def withdraw(world: World, post_id: str = "1", revision: int = 2) -> LeadRecord:
    return world.make_record(LeadKind.WITHDRAWN, world.make_post(post_id, revision=revision))


def test_a_record_handled_three_times_has_one_effect(world: World) -> None:
    record = world.make_record()
    world.handle(record)
    before = (world.all_leads(), world.events())
    world.handle(record)
    world.handle(record, record)
    assert (world.all_leads(), world.events()) == before


def test_a_lead_in_the_review_lane_alerts_nobody(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(lane=Lane.REVIEW))
    assert lead.state is LeadState.REVIEW
    assert world.alerts(lead.lead_id) == {}
    assert world.timer_kinds(lead.lead_id) == ["expire"]


def test_copies_of_an_ask_become_one_lead_with_many_links(world: World) -> None:
    understanding = make_understanding(signature=("b1", "b2"))
    first = world.find(understanding=understanding)
    copy = make_understanding(signature=("b2", "b3"))
    second = world.find(world.make_post("2"), copy)
    assert second.lead_id == first.lead_id
    assert len(world.all_leads()) == 1
    assert second.revision > first.revision
    links = world.database.read(lambda tx: leads.list_links(tx, first.lead_id))
    assert {link.post_id for link in links} == {"1", "2"}
    assert len(world.alerts(first.lead_id)) == 1


def test_two_copies_in_one_batch_make_one_lead(world: World) -> None:
    understanding = make_understanding(signature=("b1",))
    world.handle(
        world.make_record(post=world.make_post("1"), understanding=understanding),
        world.make_record(post=world.make_post("2"), understanding=understanding),
    )
    assert len(world.all_leads()) == 1


def test_a_post_that_shares_a_key_and_says_something_else_is_a_lead_of_its_own(
    small_world: World,
) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    world.find(understanding=understanding)
    text = "Can anyone recommend a company that hosts Nextcloud in Europe?"
    world.find(world.make_post("2", title="Nextcloud", text=text), understanding)
    assert len(world.all_leads()) == 2


@pytest.mark.parametrize(("prefix", "count"), [("", 2), ("RT @ida: ", 1)])
def test_a_short_ask_in_the_same_words_by_somebody_else_is_merged_when_shared(
    small_world: World, prefix: str, count: int
) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    world.find(world.make_post("1", title="", text="Any good CRM?"), understanding)
    post = world.make_post("2", title="", text=f"{prefix}Any good CRM?")
    other = world.make_record(post=post, understanding=understanding, author_hash="hash-2")
    world.handle(other)
    assert len(world.all_leads()) == count


def test_the_copy_is_found_among_leads_that_share_a_key(small_world: World) -> None:
    world = small_world
    texts = [f"Can anyone recommend a company that hosts {name} in Europe?" for name in "ABC"]
    leads_made = []
    for number, text in enumerate(texts):
        keys = make_understanding(signature=(f"x{number}", "shared"))
        leads_made.append(world.find(world.make_post(str(number), title="", text=text), keys))
    again = make_understanding(signature=("x9", "shared"))
    found = world.find(world.make_post("9", title="", text=f"{texts[1]} Thanks!"), again)
    assert found.lead_id == leads_made[1].lead_id


def test_the_same_words_eight_days_later_are_a_new_lead(small_world: World) -> None:
    world = small_world
    world.set_policy(expire_s=30 * 86400.0)
    understanding = make_understanding(signature=("b1",))
    world.find(understanding=understanding)
    world.clock.advance(8 * 86400)
    world.find(world.make_post("2"), understanding)
    assert len(world.all_leads()) == 2


def test_a_copy_of_a_final_lead_is_a_new_lead(small_world: World) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    lead = world.find(understanding=understanding)
    world.decisions.dismiss(lead.lead_id, reason="an advert", actor="cli")
    world.find(world.make_post("2"), understanding)
    assert len(world.all_leads()) == 2


def test_a_certain_copy_takes_a_lead_out_of_the_review(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(lane=Lane.REVIEW, signature=("b1",)))
    world.find(world.make_post("2"), make_understanding(signature=("b1",)))
    assert world.lead(lead.lead_id).state is LeadState.ALERTING


def test_a_suppressed_author_makes_no_lead(small_world: World) -> None:
    world = small_world
    now = world.clock.now()
    world.database.write(lambda tx: suppression.add(tx, "hash-1", "opt_out", now=now))
    world.handle(world.make_record())
    assert world.all_leads() == []


def test_an_edit_is_stored_and_the_older_one_after_it_is_not(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.handle(change(world, revision=3), change(world, revision=2, lang="da"))
    edited = world.lead(lead.lead_id)
    assert edited.text.startswith("Edited")
    assert (edited.post_revision, edited.lang, edited.state) == (3, "en", LeadState.ALERTING)
    assert edited.revision > lead.revision


def test_an_edit_that_asks_nothing_dismisses_an_unclaimed_lead(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.handle(change(world, lane=Lane.NONE, intent=Intent.OTHER, topics=()))
    gone = world.lead(lead.lead_id)
    assert (gone.state, gone.text, gone.url) == (LeadState.DISMISSED, "", "")
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.CANCELLED}
    assert world.timer_kinds(lead.lead_id) == []


def test_an_edit_without_text_dismisses_as_well(small_world: World) -> None:
    world = small_world
    lead = world.find()
    record = change(world).model_copy(update={"post": None, "understanding": None})
    world.handle(record)
    assert world.lead(lead.lead_id).state is LeadState.DISMISSED
    world.handle(record.model_copy(update={"event_id": EventId("x"), "post_id": PostId("9")}))


def test_an_edit_to_another_topic_asks_other_people(world: World) -> None:
    carl = ExpertId("carl")
    world.put_experts(make_expert(carl, topics=(CLOUD,), skills=(), profile="Kubernetes"))
    lead = world.find()
    world.handle(change(world, topics=(TopicScore(topic_id=CLOUD, probability=0.9),)))
    edited = world.lead(lead.lead_id)
    states = world.alert_states(lead.lead_id)
    assert edited.state is LeadState.ALERTING
    assert edited.epoch > lead.epoch
    assert states.pop(carl) is AlertState.QUEUED
    assert set(states.values()) <= CANCELLED
    world.deliver()
    assert {card.expert.expert_id for card in world.mail.cards} == {carl}


def test_an_edit_of_a_claimed_lead_tells_its_owner_alone(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    owner = world.mail.cards[0].expert.expert_id
    world.decisions.claim(lead.lead_id, owner, actor="cli")
    world.handle(change(world, lane=Lane.NONE, topics=()))
    edited = world.lead(lead.lead_id)
    assert (edited.state, edited.topic_id) == (LeadState.CLAIMED, IDENTITY)
    assert edited.text.startswith("Edited")
    world.deliver()
    assert [card.kind for card in world.mail.cards] == ["alert", "notice"]
    world.handle(change(world, revision=3))
    world.deliver()
    assert [card.kind for card in world.mail.cards] == ["alert", "notice", "notice"]
    assert world.mail.cards[1].message_id != world.mail.cards[2].message_id


def test_an_edit_that_makes_an_ask_of_an_unknown_post_makes_a_lead(small_world: World) -> None:
    world = small_world
    world.handle(change(world))
    assert world.lead_of("1").state is LeadState.ALERTING


def test_an_edit_of_an_unknown_post_that_asks_nothing_is_nothing(small_world: World) -> None:
    world = small_world
    world.handle(change(world, lane=Lane.NONE))
    assert world.all_leads() == []


def test_an_edit_that_makes_a_doubtful_lead_certain_promotes_it(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(lane=Lane.REVIEW))
    world.handle(change(world))
    assert world.lead(lead.lead_id).state is LeadState.ALERTING


def test_an_edit_of_another_copy_leaves_the_words_as_they_are(small_world: World) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    lead = world.find(understanding=understanding)
    world.find(world.make_post("2"), understanding)
    world.handle(change(world, "2", lane=Lane.NONE))
    assert world.lead(lead.lead_id).text == lead.text
    assert world.lead(lead.lead_id).state is LeadState.ALERTING


def test_a_deleted_post_takes_its_lead_with_it(world: World) -> None:
    lead = world.find()
    world.handle(withdraw(world))
    gone = world.lead(lead.lead_id)
    assert gone.state is LeadState.WITHDRAWN
    words = (gone.title, gone.text, gone.url, gone.author_name, gone.author_url, gone.author_hash)
    assert set(words) == {""}
    assert (gone.entities, gone.reasons) == ((), ())
    assert gone.post_id not in {"1", ""}
    assert set(world.alert_states(lead.lead_id).values()) == {AlertState.CANCELLED}
    assert {row.state for row in world.deliveries(lead.lead_id)} == {DeliveryState.STALE}
    assert world.timer_kinds(lead.lead_id) == []
    assert kinds(world.events())[-2] == "lead.withdrawn"
    (link,) = world.database.read(lambda tx: leads.list_links(tx, lead.lead_id))
    assert (link.url, link.author_hash, link.is_withdrawn) == ("", "", True)


def test_the_tombstone_keeps_a_late_find_away_but_not_a_new_one(small_world: World) -> None:
    world = small_world
    world.handle(withdraw(world))
    world.handle(world.make_record())
    assert world.all_leads() == []
    world.find(world.make_post(revision=3))
    assert len(world.all_leads()) == 1


def test_a_late_deletion_of_an_older_revision_changes_nothing(small_world: World) -> None:
    world = small_world
    lead = world.find(world.make_post(revision=3))
    world.handle(withdraw(world, revision=2))
    assert world.lead(lead.lead_id).state is LeadState.ALERTING


def test_a_lead_lives_as_long_as_one_of_its_links(small_world: World) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    lead = world.find(understanding=understanding)
    world.find(world.make_post("2", author=Author(author_id="a2")), understanding)
    world.handle(withdraw(world, "1"))
    alive = world.lead(lead.lead_id)
    assert alive.state is LeadState.ALERTING
    assert (alive.post_id, alive.url) == ("2", "https://example.org/2")
    assert (alive.author_name, alive.text) == ("", lead.text)
    world.handle(withdraw(world, "2"))
    assert world.lead(lead.lead_id).state is LeadState.WITHDRAWN


def test_when_another_link_goes_the_first_one_stays(small_world: World) -> None:
    world = small_world
    understanding = make_understanding(signature=("b1",))
    lead = world.find(understanding=understanding)
    world.find(world.make_post("2"), understanding)
    world.handle(withdraw(world, "2"))
    assert world.lead(lead.lead_id).post_id == "1"


def test_an_author_who_leaves_takes_every_ask_along(world: World) -> None:
    first, second = world.find(), world.find(world.make_post("2"))
    record = LeadRecord(
        event_id=EventId("removed"),
        kind=LeadKind.AUTHOR_REMOVED,
        at=world.clock.now(),
        source_id=SourceId("feed"),
        author_hash="hash-1",
    )
    world.handle(record)
    for lead in (first, second):
        assert world.lead(lead.lead_id).state is LeadState.WITHDRAWN
    world.handle(world.make_record(post=world.make_post("3")))
    assert len(world.all_leads()) == 2


def test_a_claimed_lead_is_withdrawn_too_and_its_owner_is_not_nudged(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.decisions.claim(lead.lead_id, BO, actor="cli")
    world.handle(withdraw(world))
    assert world.lead(lead.lead_id).state is LeadState.WITHDRAWN
    assert world.timer_kinds(lead.lead_id) == []


def test_what_came_of_a_hand_in_is_told_to_who_brought_it(small_world: World) -> None:
    world = small_world
    now = world.clock.now()
    for number in ("1", "2"):
        world.database.write(
            lambda tx, number=number: hand_ins.create(  # type: ignore[misc]  # mypy cannot infer
                tx, number, BO, url="https://example.org", state="received", now=now
            )
        )
    source = hand_ins.HAND_IN_SOURCE
    good = world.make_post("1", source_id=source, handed_in_by=BO)
    bad = world.make_post("2", source_id=source, handed_in_by=BO)
    nothing = make_understanding(lane=Lane.NONE, intent=Intent.OTHER, topics=())
    world.handle(world.make_record(post=good), world.make_record(post=bad, understanding=nothing))
    found, not_found = (
        world.database.read(lambda tx, number=number: hand_ins.find(tx, number))  # type: ignore[misc]  # as above
        for number in ("1", "2")
    )
    (lead,) = world.all_leads()
    assert (found.state, found.lead_id) == ("found", lead.lead_id)
    assert (not_found.state, not_found.lead_id) == ("not_found", None)
    assert not_found.verdict["intent"] == "other"
    assert found.verdict["topics"] == ["identity"]
    # Who brought it knows of it already.
    assert set(world.alerts(lead.lead_id)) == {ANNA}


def test_a_broken_record_is_refused_and_the_good_ones_beside_it_are_not(small_world: World) -> None:
    world = small_world
    record = make_bus_record(world.make_record(), world.clock.now())
    broken = replace(record, value=b"{")
    with pytest.raises(BadRecordError):
        world.handler.handle([record, broken])
    world.handler.handle([record])
    assert len(world.all_leads()) == 1
    without_post = world.make_record(post=world.make_post("2")).model_copy(update={"post": None})
    with pytest.raises(BadRecordError, match="without its post"):
        world.handle(without_post)
    nobody = without_post.model_copy(
        update={"kind": LeadKind.AUTHOR_REMOVED, "author_hash": "", "event_id": "y"}
    )
    with pytest.raises(BadRecordError, match="without the author"):
        world.handle(nobody)


def test_long_bands_and_old_tombstones_are_kept_short(small_world: World) -> None:
    world = small_world
    band = "x" * 100
    lead = world.find(understanding=make_understanding(signature=(band,)))
    since = world.clock.now() - timedelta(days=1)
    copies = world.database.read(lambda tx: bands.find_copies(tx, (band,), since=since))
    assert copies == [lead.lead_id]
    world.handle(withdraw(world))
    later = world.clock.now() + timedelta(days=1)
    assert world.database.write(lambda tx: bands.drop_tombstones(tx, before=later)) == 1


def test_an_unknown_lead_is_an_error(small_world: World) -> None:
    with pytest.raises(NotFoundError):
        small_world.lead("nope")  # type: ignore[arg-type]  # no lead's id


def test_a_post_found_again_is_an_edit_when_it_is_newer_and_nothing_otherwise(
    small_world: World,
) -> None:
    world = small_world
    lead = world.find()
    again = world.make_record().model_copy(update={"event_id": EventId("other collector")})
    world.handle(again)
    assert world.lead(lead.lead_id) == lead
    world.find(world.make_post(revision=2, text="Edited"))
    assert world.lead(lead.lead_id).text == "Edited"
    assert len(world.all_leads()) == 1
