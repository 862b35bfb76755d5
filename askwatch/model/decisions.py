"""What a person may decide about a lead; the router carries it out, the API only asks for it."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from askwatch.model.alert import DeclineReason
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import Outcome


class Disclosure(StrEnum):
    """Whether the answer says whom its author works for."""

    YES = "yes"
    NO = "no"
    NOT_NEEDED = "not_needed"


class Decisions(Protocol):
    """Every method is one transaction, audited, and harmless when it is repeated.

    `actor` names who asks, for the audit: expert:<id>, key:<id> or cli.

    Raises (all methods):
        NotFoundError: There is no such lead or expert.
        GoneError: The lead is withdrawn, expired, dismissed or closed.
        AlreadyClaimedError: Somebody else has the lead; names who.
        ConflictError: The lead's state does not allow it (e.g. answering what one has not taken).
        InvalidRequestError: An argument says something impossible.
        BackendUnavailableError: The database does not answer.
    """

    def claim(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        """Make `expert_id` the owner; at most one wins, and claiming what one has is fine.

        Experts need no alert of theirs for it: the feed is open to all.
        """
        ...

    def release(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        """Give a claimed lead back: the others are asked again, without this expert."""
        ...

    def pass_on(self, lead_id: LeadId, expert_id: ExpertId, *, to: ExpertId, actor: str) -> None:
        """Hand the lead to a colleague.

        The owner hands the claim over in one statement; somebody who was only alerted ends their
        own alert and `to` is alerted instead.
        """
        ...

    def decline(
        self, lead_id: LeadId, expert_id: ExpertId, reason: DeclineReason, *, actor: str
    ) -> None:
        """End this expert's alert; the next rung is told at once when no live alert is left."""
        ...

    def snooze(self, lead_id: LeadId, expert_id: ExpertId, *, until: datetime, actor: str) -> None:
        """Show the alert again at `until`; it stays claimable by all meanwhile."""
        ...

    def mark_seen(self, lead_id: LeadId, expert_id: ExpertId) -> None:
        """Note that the expert has opened the lead's page; nothing happens without an alert."""
        ...

    def answer(
        self,
        lead_id: LeadId,
        expert_id: ExpertId,
        *,
        answer_url: str,
        disclosed: Disclosure,
        disclosure_reason: str,
        actor: str,
    ) -> None:
        """Note that the owner has answered; who has not claimed an open lead does so first.

        `not_needed` and `no` want a reason.
        """
        ...

    def dismiss(self, lead_id: LeadId, *, reason: str, actor: str) -> None:
        """Say that the post is no lead; its text goes, the label stays for the language stage."""
        ...

    def promote(self, lead_id: LeadId, *, actor: str) -> None:
        """Take a lead out of the review lane: it is planned like one found for certain."""
        ...

    def set_outcome(self, lead_id: LeadId, outcome: Outcome, *, actor: str) -> None:
        """Say what became of an answered lead; it is closed by that."""
        ...
