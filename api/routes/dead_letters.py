"""Records that could not be handled: look, replay, drop."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.audited import note_change
from api.auth import require
from api.deps import Caller, GivenServices, Services
from api.openapi import problems
from api.schemas.operations import DeadLetterDetail, DeadLetterOut, DeadLetters
from askwatch.errors import BadRecordError, ConflictError
from askwatch.model.expert import Role
from askwatch.state import dead_letters
from askwatch.state.dead_letters import DeadLetter
from askwatch.state.engine import Transaction
from askwatch.worker import replay as send_again

routes = APIRouter(prefix="/api/v1/dead-letters", tags=["dead letters"])

Operator = Annotated[Caller, Depends(require(Role.OPS, Role.ADMIN))]


@routes.get("", summary="List dead letters", responses=problems(422))
def list_page(
    services: GivenServices,
    _caller: Operator,
    state: Annotated[str, Query(pattern="^(open|replayed|dropped)$")] = dead_letters.OPEN,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=64)] = "",
) -> DeadLetters:
    """Show one page, by id, without what the records say."""
    rows = services.database.read(
        lambda tx: dead_letters.list_letters(tx, state=state, limit=limit + 1, after=cursor)
    )
    shown = rows[:limit]
    return DeadLetters(
        dead_letters=tuple(DeadLetterOut.model_validate(row) for row in shown),
        next_cursor=shown[-1].dead_letter_id if len(rows) > limit else "",
    )


@routes.get("/{dead_letter_id}", summary="Show a dead letter", responses=problems(404, 422))
def show(services: GivenServices, caller: Operator, dead_letter_id: str) -> DeadLetterDetail:
    """Show one with its record, which may hold a post; that somebody looked is noted."""
    now = services.clock.now()

    def read(transaction: Transaction) -> DeadLetter:
        letter = dead_letters.find(transaction, dead_letter_id)
        note_change(transaction, caller, "dead_letter.show", dead_letter_id, now=now)
        return letter

    letter = services.database.write(read)
    brief = DeadLetterOut.model_validate(letter)
    return DeadLetterDetail(
        **brief.model_dump(),
        headers=letter.headers,
        trace=letter.trace,
        record=letter.value.decode("utf-8", "replace"),
    )


@routes.post("/{dead_letter_id}/replay", summary="Send it again", responses=problems(404, 409, 422))
def replay(services: GivenServices, caller: Operator, dead_letter_id: str) -> DeadLetterOut:
    """Send the record to its stream once more; what it did already is not done twice."""
    try:
        send_again(services.database, services.bus, dead_letter_id, clock=services.clock)
    except BadRecordError as error:
        raise ConflictError(str(error)) from error
    _note(services, caller, "dead_letter.replay", dead_letter_id)
    return _read(services, dead_letter_id)


@routes.post("/{dead_letter_id}/drop", summary="Erase its record", responses=problems(404, 422))
def drop(services: GivenServices, caller: Operator, dead_letter_id: str) -> DeadLetterOut:
    """Erase what the record says; its reason and place stay."""
    now = services.clock.now()

    def write(transaction: Transaction) -> None:
        dead_letters.drop(transaction, dead_letter_id, now=now)
        note_change(transaction, caller, "dead_letter.drop", dead_letter_id, now=now)

    services.database.write(write)
    return _read(services, dead_letter_id)


def _note(services: Services, caller: Caller, action: str, dead_letter_id: str) -> None:
    now = services.clock.now()
    services.database.write(lambda tx: note_change(tx, caller, action, dead_letter_id, now=now))


def _read(services: Services, dead_letter_id: str) -> DeadLetterOut:
    letter = services.database.read(lambda tx: dead_letters.find(tx, dead_letter_id))
    return DeadLetterOut.model_validate(letter)
