"""Sources and health: what is read and how it goes, the processes, the dead letters."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.audited import note_change
from api.pages.visit import ChangeVisit, PageVisit, Visit
from api.pages.voice import Voice
from api.pages.words import ANSWERED, GONE, WAITING, Sign, source_word
from askwatch.errors import ConflictError
from askwatch.heartbeat import INTERVAL_S
from askwatch.model.expert import Role
from askwatch.model.ids import SourceId
from askwatch.model.source import Permission, Source, SourceStatus
from askwatch.state import dead_letters
from askwatch.state.dead_letters import DeadLetter
from askwatch.state.engine import Transaction
from askwatch.state.processes import ProcessRow, list_processes
from askwatch.state.sources import list_rows, set_paused
from askwatch.worker import replay as send_again

routes = APIRouter(include_in_schema=False, prefix="/sources")

_LETTERS_SHOWN = 50
# As many missed beats as `askwatch status` takes for lost.
_LOST_AFTER_S = 3 * INTERVAL_S
# Soon enough to renew a permission before reading stops.
_RENEW_WITHIN_DAYS = 14


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with how it goes, in words."""

    source: Source
    status: SourceStatus
    sign: Sign
    permission: str
    must_renew: bool
    next_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process with how it goes, in words."""

    row: ProcessRow
    sign: Sign
    memory: str
    lag: str


@routes.get("")
def show_sources(visit: PageVisit) -> HTMLResponse:
    visit.insist(Role.OPS, Role.ADMIN)
    return _show(visit)


@routes.post("/{source_id}/pause")
def pause(visit: ChangeVisit, source_id: SourceId) -> Response:
    return _set_paused(visit, source_id, is_paused=True)


@routes.post("/{source_id}/resume")
def resume(visit: ChangeVisit, source_id: SourceId) -> Response:
    return _set_paused(visit, source_id, is_paused=False)


@routes.post("/letters/{dead_letter_id}/replay")
def replay_letter(visit: ChangeVisit, dead_letter_id: str) -> Response:
    """Send a record back to its stream; those who handle it know it by its event id."""
    visit.insist(Role.OPS, Role.ADMIN)
    letter = visit.read(lambda tx: dead_letters.find(tx, dead_letter_id))
    if letter.state != dead_letters.OPEN:
        raise ConflictError(visit.voice.say("This record was replayed or dropped already."))
    services, now = visit.services, visit.voice.now
    send_again(services.database, services.bus, dead_letter_id, clock=services.clock)

    def note(transaction: Transaction) -> None:
        note_change(transaction, visit.member, "dead_letter.replay", dead_letter_id, now=now)

    services.database.write(note)
    return visit.go("/sources#letters", "letter_replayed")


@routes.post("/letters/{dead_letter_id}/drop")
def drop_letter(visit: ChangeVisit, dead_letter_id: str) -> Response:
    visit.insist(Role.OPS, Role.ADMIN)
    now = visit.voice.now

    def drop(transaction: Transaction) -> None:
        dead_letters.drop(transaction, dead_letter_id, now=now)
        note_change(transaction, visit.member, "dead_letter.drop", dead_letter_id, now=now)

    visit.services.database.write(drop)
    return visit.go("/sources#letters", "letter_dropped")


def _set_paused(visit: Visit, source_id: SourceId, *, is_paused: bool) -> Response:
    visit.insist(Role.OPS, Role.ADMIN)
    now, action = visit.voice.now, "source.pause" if is_paused else "source.resume"

    def change(transaction: Transaction) -> None:
        set_paused(transaction, source_id, is_paused=is_paused, now=now)
        note_change(transaction, visit.member, action, source_id, now=now)

    visit.services.database.write(change)
    return visit.go("/sources", "source_paused" if is_paused else "source_resumed")


def _show(visit: Visit) -> HTMLResponse:
    def read(
        transaction: Transaction,
    ) -> tuple[list[SourceView], list[ProcessView], list[DeadLetter], int]:
        return (
            [
                _view_source(visit.voice, row.source, row.status, row.next_read_at)
                for row in list_rows(transaction)
            ],
            [_view_process(visit.voice, row) for row in list_processes(transaction)],
            dead_letters.list_letters(transaction, limit=_LETTERS_SHOWN),
            dead_letters.count_open(transaction),
        )

    sources, processes, letters, letter_count = visit.read(read)
    return visit.page(
        "sources.html",
        sources=sources,
        processes=processes,
        letters=letters,
        letter_count=letter_count,
    )


def _view_source(
    voice: Voice, source: Source, status: SourceStatus, next_read_at: datetime | None
) -> SourceView:
    state = "paused" if source.is_paused else status.state
    permission, must_renew = _say_permission(voice, source.permission)
    return SourceView(
        source, status, source_word(voice, state), permission, must_renew, next_read_at
    )


def _say_permission(voice: Voice, permission: Permission | None) -> tuple[str, bool]:
    if permission is None:
        return voice.say("none, so it is not read"), True
    if permission.valid_until is None:
        return voice.say("until it is taken back"), False
    today = voice.now.astimezone(voice.zone).date()
    until = voice.day(permission.valid_until)
    if not permission.is_current(today):
        return voice.say("ended %(date)s, so it is not read", date=until), True
    days = (permission.valid_until - today).days
    return voice.say("until %(date)s", date=until), days <= _RENEW_WITHIN_DAYS


def _view_process(voice: Voice, row: ProcessRow) -> ProcessView:
    silent_s = (voice.now - row.beat_at).total_seconds()
    if row.state == "stopped":
        sign = Sign(GONE, voice.say("stopped"), "gone")
    elif silent_s > _LOST_AFTER_S:
        sign = Sign("failing", voice.say("not heard of"), "alert")
    elif row.state == "starting":
        sign = Sign(WAITING, voice.say("starting"), "clock")
    else:
        sign = Sign(ANSWERED, voice.say("running"), "check")
    memory, lag = row.stats.get("memory_mb"), row.stats.get("lag")
    return ProcessView(
        row,
        sign,
        voice.say("%(number)d MB", number=memory) if isinstance(memory, int | float) else "",
        voice.number(lag) if isinstance(lag, int | float) else "",
    )
