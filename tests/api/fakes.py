"""Stand-ins, kept by hand, for what other stages give the API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from askwatch.errors import (
    AlreadyClaimedError,
    ConflictError,
    GoneError,
    InvalidRequestError,
    NotFoundError,
)
from askwatch.model.alert import DeclineReason
from askwatch.model.decisions import Disclosure
from askwatch.model.desk import Handed
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import FINAL_LEAD_STATES, LeadState, Outcome
from askwatch.search.query import LeadDocument, LeadPage, LeadQuery
from askwatch.state import experts, hand_ins
from askwatch.state.engine import Database
from askwatch.state.leads import LeadRow, find_lead
from tests.api.rows import set_lead


class FakeDecisions:
    """Moves leads in the database by the plainest rules; remembers what it was told."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self.calls: list[tuple[object, ...]] = []
        self.before_claim: Callable[[], None] | None = None

    def claim(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        self.calls.append(("claim", lead_id, expert_id, actor))
        if self.before_claim is not None:
            self.before_claim()
        lead = self._open_lead(lead_id)
        self._refuse_others(lead, expert_id)
        if lead.owner_id is None:
            self._move(lead, LeadState.CLAIMED, owner_id=expert_id, claimed_at=self._now())

    def release(self, lead_id: LeadId, expert_id: ExpertId, *, actor: str) -> None:
        self.calls.append(("release", lead_id, expert_id, actor))
        lead = self._owned(lead_id, expert_id)
        self._move(lead, LeadState.ALERTING, owner_id=None, claimed_at=None)

    def pass_on(self, lead_id: LeadId, expert_id: ExpertId, *, to: ExpertId, actor: str) -> None:
        self.calls.append(("pass_on", lead_id, expert_id, to, actor))
        self._database.read(lambda tx: experts.find_expert(tx, to))
        self._move(self._owned(lead_id, expert_id), LeadState.CLAIMED, owner_id=to)

    def decline(
        self, lead_id: LeadId, expert_id: ExpertId, reason: DeclineReason, *, actor: str
    ) -> None:
        self.calls.append(("decline", lead_id, expert_id, reason, actor))
        self._open_lead(lead_id)

    def snooze(self, lead_id: LeadId, expert_id: ExpertId, *, until: datetime, actor: str) -> None:
        self.calls.append(("snooze", lead_id, expert_id, until, actor))
        self._open_lead(lead_id)
        if until <= self._now():
            raise InvalidRequestError("the time to come back is in the past")

    def mark_seen(self, lead_id: LeadId, expert_id: ExpertId) -> None:
        self.calls.append(("mark_seen", lead_id, expert_id))

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
        self.calls.append(("answer", lead_id, expert_id, answer_url, disclosed, actor))
        if disclosed != Disclosure.YES and not disclosure_reason:
            raise InvalidRequestError("say why the answer does not name whom you work for")
        lead = self._open_lead(lead_id)
        self._refuse_others(lead, expert_id)
        self._move(
            lead, LeadState.ANSWERED, owner_id=expert_id, answered_at=self._now(),
            answer_url=answer_url, disclosed=disclosed.value,
        )  # fmt: skip

    def dismiss(self, lead_id: LeadId, *, reason: str, actor: str) -> None:
        self.calls.append(("dismiss", lead_id, reason, actor))
        self._move(self._open_lead(lead_id), LeadState.DISMISSED, text="", title="")

    def promote(self, lead_id: LeadId, *, actor: str) -> None:
        self.calls.append(("promote", lead_id, actor))
        lead = self._open_lead(lead_id)
        if lead.state != LeadState.REVIEW:
            raise ConflictError("the question is not in review")
        self._move(lead, LeadState.NEW)

    def set_outcome(self, lead_id: LeadId, outcome: Outcome, *, actor: str) -> None:
        self.calls.append(("set_outcome", lead_id, outcome, actor))
        lead = self._open_lead(lead_id)
        if lead.state != LeadState.ANSWERED:
            raise ConflictError("the question is not answered yet")
        self._move(lead, LeadState.CLOSED, outcome=outcome.value)

    def _open_lead(self, lead_id: LeadId) -> LeadRow:
        lead = self._database.read(lambda tx: find_lead(tx, lead_id))
        if lead.state in FINAL_LEAD_STATES:
            raise GoneError(lead_id, lead.state)
        return lead

    def _owned(self, lead_id: LeadId, expert_id: ExpertId) -> LeadRow:
        lead = self._open_lead(lead_id)
        self._refuse_others(lead, expert_id)
        if lead.owner_id is None:
            raise ConflictError("you have not taken this question")
        return lead

    def _refuse_others(self, lead: LeadRow, expert_id: ExpertId) -> None:
        if lead.owner_id not in (None, expert_id):
            names = self._database.read(experts.find_names)
            owner = ExpertId(str(lead.owner_id))
            raise AlreadyClaimedError(lead.lead_id, owner, names.get(owner, owner))

    def _move(self, lead: LeadRow, state: LeadState, **values: object) -> None:
        changes = {"state": state.value, "revision": lead.revision + 1, **values}
        self._database.write(lambda tx: set_lead(tx, lead.lead_id, changes))


class FakeDesk:
    """Notes hand-ins as rows, and passes nothing on."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self.error: Exception | None = None

    def hand_in(self, expert_id: ExpertId, *, url: str, title: str = "", text: str = "") -> Handed:
        if self.error is not None:
            raise self.error
        if not url and not text:
            raise InvalidRequestError("bring a link or a text")
        state = hand_ins.RECEIVED if text else hand_ins.FETCHING
        hand_in_id = f"hand-{len(url + title + text)}"
        row = self._database.write(
            lambda tx: hand_ins.create(
                tx, hand_in_id, expert_id, url=url, state=state, now=self._now()
            )
        )
        return Handed(row.hand_in_id, row.state)

    def supply_text(self, hand_in_id: str, expert_id: ExpertId, *, text: str) -> None:
        if not text:
            raise InvalidRequestError("the text is empty")
        self._find(hand_in_id, expert_id)
        now = self._now()
        if not self._database.write(lambda tx: hand_ins.set_received(tx, hand_in_id, now=now)):
            raise ConflictError("its text is there already")

    def withdraw(self, hand_in_id: str, expert_id: ExpertId) -> None:
        self._find(hand_in_id, expert_id)
        now = self._now()
        self._database.write(lambda tx: hand_ins.set_withdrawn(tx, hand_in_id, now=now))

    def _find(self, hand_in_id: str, expert_id: ExpertId) -> None:
        found = self._database.read(lambda tx: hand_ins.find(tx, hand_in_id))
        if found.expert_id != expert_id:
            raise NotFoundError("hand-in", hand_in_id)


@dataclass
class FakeIndex:
    """Answers every question with the page it was given, or the error; remembers the question."""

    page: LeadPage = field(default_factory=lambda: LeadPage(hits=(), total=0))
    error: Exception | None = None
    questions: list[LeadQuery] = field(default_factory=list)

    def search(self, query: LeadQuery) -> LeadPage:
        self.questions.append(query)
        if self.error is not None:
            raise self.error
        return self.page

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def ensure(self) -> None:
        return

    def put(self, documents: object) -> None:
        raise NotImplementedError

    def delete(self, lead_ids: object) -> None:
        raise NotImplementedError

    def refresh(self) -> None:
        return

    def count(self) -> int:
        return self.page.total

    def begin_rebuild(self) -> str:
        raise NotImplementedError

    def put_rebuild(self, version: str, documents: object) -> None:
        raise NotImplementedError

    def finish_rebuild(self, version: str) -> None:
        raise NotImplementedError

    def abandon_rebuild(self, version: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        return


def make_document(lead_id: str, **changes: object) -> LeadDocument:
    values: dict[str, object] = {
        "lead_id": LeadId(lead_id), "revision": 1, "state": "alerting",
        "title": "", "text": "Kender nogen en god VVS'er i Aarhus?", "lang": "da",
    }  # fmt: skip
    return LeadDocument(**(values | changes))  # type: ignore[arg-type]  # a test's shorthand
