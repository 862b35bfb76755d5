"""Notes what somebody says of a lead or a rejected post, for the JSON API and for the pages."""

from api.audited import note_change
from api.deps import Caller, Services
from api.schemas.learning import GiveFeedback
from askwatch.errors import GoneError
from askwatch.model.ids import LeadId
from askwatch.model.lead import LeadState
from askwatch.state import feedback, leads, rejected_posts, topics
from askwatch.state.engine import Transaction
from askwatch.state.rejected_posts import Mark

# Of the miss rate: long enough for an interval that says something.
DAYS = 30
_ERASED = frozenset({LeadState.DISMISSED, LeadState.WITHDRAWN})


def give_feedback(
    services: Services, caller: Caller, lead_id: LeadId, said: GiveFeedback
) -> list[str]:
    """Store a tap and return what the caller has said of the lead by now.

    Raises:
        NotFoundError: There is no such lead or topic.
        GoneError: The lead's text is erased, so nothing can be said of it any more.
    """
    now = services.clock.now()

    def write(transaction: Transaction) -> list[str]:
        lead = leads.find_lead(transaction, lead_id)
        if lead.state in _ERASED:
            raise GoneError(lead_id, lead.state)
        if said.topic_id:
            topics.find_topic(transaction, said.topic_id)
        feedback.give_for_lead(
            transaction,
            lead,
            said.kind,
            given_by=caller.actor,
            now=now,
            topic_id=said.topic_id,
            asked_for=said.asked_for,
            note=said.note,
        )
        note_change(
            transaction,
            caller,
            "lead.feedback",
            lead_id,
            now=now,
            kind=said.kind.value,
            topic_id=said.topic_id,
            asked_for=said.asked_for.value if said.asked_for else None,
        )
        return list(feedback.list_kinds_of(transaction, lead_id, caller.actor))

    return services.database.write(write)


def set_mark(services: Services, caller: Caller, sample_id: str, said: Mark) -> None:
    """Mark a rejected post, for the JSON API and for the page.

    Raises:
        NotFoundError: Its day is over, or it was deleted.
    """
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        rejected_posts.mark(transaction, sample_id, said, actor=caller.actor, now=now)
        note_change(transaction, caller, "miss.mark", sample_id, now=now, mark=said.value)

    services.database.write(write)
