"""What people decide is learned from, and goes with a post that is deleted."""

from askwatch.events import LeadKind
from askwatch.model.alert import DeclineReason
from askwatch.model.feedback import FeedbackKind
from askwatch.model.ids import ExpertId
from askwatch.model.lead import Lane
from askwatch.state import feedback
from askwatch.state.feedback import Tap
from tests.router.worlds import ANNA, World, make_understanding

VECTOR = (0.5, -0.5)


def taps(world: World) -> list[Tap]:
    return world.database.read(feedback.list_taps)


def kinds(world: World) -> list[str]:
    return [each.kind.value for each in taps(world)]


def test_who_takes_a_question_says_that_it_was_wanted(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(vector=VECTOR))
    world.decisions.claim(lead.lead_id, ANNA, actor="expert:anna")
    (tap,) = taps(world)
    assert (tap.kind, tap.given_by) == (FeedbackKind.WANTED, "expert:anna")
    assert tap.features.vector == VECTOR


def test_a_dismissed_lead_leaves_its_features_and_no_text(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(vector=VECTOR))
    world.decisions.dismiss(lead.lead_id, reason="not_a_lead", actor="expert:sanne")
    (tap,) = taps(world)
    assert (tap.kind, tap.features.vector) == (FeedbackKind.NOT_A_LEAD, VECTOR)
    gone = world.database.read(lambda tx: feedback.find_features(tx, lead))
    assert gone.vector == ()


def test_a_post_deleted_after_it_was_dismissed_takes_its_tap_along(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.decisions.dismiss(lead.lead_id, reason="not_a_lead", actor="cli")
    world.handle(world.make_record(LeadKind.WITHDRAWN))
    assert taps(world) == []


def test_a_removed_author_takes_their_taps_along(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.decisions.dismiss(lead.lead_id, reason="not_a_lead", actor="cli")
    world.handle(world.make_record(LeadKind.AUTHOR_REMOVED))
    assert taps(world) == []


def test_a_withdrawn_lead_takes_its_taps_along(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.decisions.claim(lead.lead_id, ANNA, actor="cli")
    world.handle(world.make_record(LeadKind.WITHDRAWN))
    assert taps(world) == []


def test_declining_as_no_question_teaches_and_being_busy_does_not(small_world: World) -> None:
    world = small_world
    lead = world.find()
    world.deliver()
    first, *_ = world.alerts(lead.lead_id)
    world.decisions.decline(lead.lead_id, first, DeclineReason.NOT_A_LEAD, actor=f"expert:{first}")
    assert kinds(world) == ["not_a_lead"]


def test_taking_a_lead_out_of_the_review_teaches(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(lane=Lane.REVIEW))
    world.decisions.promote(lead.lead_id, actor="expert:sanne")
    assert kinds(world) == ["wanted"]


def test_a_hand_in_that_would_have_told_nobody_is_a_miss(small_world: World) -> None:
    world = small_world
    post = world.make_post(handed_in_by=ExpertId("anna"))
    nothing = make_understanding(lane=Lane.NONE, probability=0.1)
    world.handle(world.make_record(post=post, understanding=nothing))
    (tap,) = taps(world)
    assert (tap.kind, tap.lead_id, tap.given_by) == (FeedbackKind.MISSED, None, "expert:anna")


def test_a_hand_in_that_was_found_for_certain_is_none(small_world: World) -> None:
    world = small_world
    world.handle(world.make_record(post=world.make_post(handed_in_by=ExpertId("anna"))))
    assert taps(world) == []


def test_an_edit_renews_what_is_remembered(small_world: World) -> None:
    world = small_world
    lead = world.find(understanding=make_understanding(vector=VECTOR))
    edited = world.make_post(revision=2, text="Who hosts Keycloak in Europe for 200 people?")
    after = make_understanding(vector=(0.0, 1.0))
    world.handle(world.make_record(LeadKind.CHANGED, edited, after))
    found = world.database.read(lambda tx: feedback.find_features(tx, lead))
    assert found.vector == (0.0, 1.0)
