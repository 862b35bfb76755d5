"""What forms ask to be decided about a question, and the words when it cannot be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from api.pages.voice import Voice
from askwatch.errors import (
    AlreadyClaimedError,
    ConflictError,
    GoneError,
    InvalidRequestError,
)

_MORNING = time(8, 0)
_HOURS = {"1h": 1, "3h": 3}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision did not happen, and what its form said, so that nothing typed is lost."""

    status: int
    words: str
    form: str = ""
    kept: dict[str, str] = field(default_factory=dict)


def decide(voice: Voice, step: Callable[[], None]) -> Refusal | None:
    """Run a decision; None when it was made.

    Raises:
        NotFoundError: There is no such question or colleague.
        BackendUnavailableError: Nothing was decided.
    """
    try:
        step()
    except AlreadyClaimedError as error:
        words = voice.say(
            "%(name)s was faster and has taken it. Thank you for wanting to.",
            name=error.owner_name,
        )
        return Refusal(error.status, words)
    except GoneError as error:
        return Refusal(
            error.status, voice.say("This question is over, so nothing could be changed.")
        )
    except ConflictError as error:
        return Refusal(
            error.status,
            voice.say("The question has moved on meanwhile. This is how it stands now."),
        )
    except InvalidRequestError as error:
        otherwise = voice.say("Something in the form is missing or wrong. Nothing was changed.")
        return Refusal(error.status, voice.own(str(error), otherwise))
    return None


def snooze_until(voice: Voice, choice: str) -> datetime:
    """Return the time that a choice of the snooze menu stands for.

    Raises:
        InvalidRequestError: There is no such choice.
    """
    if choice in _HOURS:
        return voice.now + timedelta(hours=_HOURS[choice])
    if choice == "morning":
        local = voice.now.astimezone(voice.zone)
        day = local.date() if local.time() < _MORNING else local.date() + timedelta(days=1)
        return datetime.combine(day, _MORNING, tzinfo=voice.zone)
    raise InvalidRequestError(voice.say("Choose when the question should come back."))
