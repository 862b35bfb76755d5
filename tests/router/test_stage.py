"""From a record on the stream of leads to a claim."""

from askwatch.model.alert import AlertState
from askwatch.model.lead import LeadState
from tests.router.worlds import ANNA, World


def test_a_lead_is_found_alerted_delivered_and_claimed(world: World) -> None:
    lead = world.find()
    assert lead.state is LeadState.ALERTING
    assert ANNA in world.alert_states(lead.lead_id)
    world.deliver()
    assert world.alert_states(lead.lead_id)[ANNA] is AlertState.NOTIFIED
    assert [card.expert.expert_id for card in world.mail.cards][:1]
    world.decisions.claim(lead.lead_id, ANNA, actor="expert:anna")
    lead = world.lead(lead.lead_id)
    assert (lead.state, lead.owner_id) == (LeadState.CLAIMED, ANNA)
    assert world.alert_states(lead.lead_id)[ANNA] is AlertState.ACCEPTED
