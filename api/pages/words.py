"""What states are called: a word, a tint and an icon each, never a colour alone."""

from dataclasses import dataclass
from datetime import datetime

from api.pages.voice import Voice
from askwatch.model.alert import AlertState, DeclineReason
from askwatch.model.lead import Intent, LeadState, Outcome

WAITING, TAKEN, ANSWERED, GONE, REVIEW = "waiting", "taken", "answered", "gone", "review"

# The five words people see, and the states of a lead behind each.
STATES_BEHIND: dict[str, tuple[LeadState, ...]] = {
    WAITING: (LeadState.NEW, LeadState.HELD, LeadState.ALERTING, LeadState.POOLED),
    TAKEN: (LeadState.CLAIMED,),
    ANSWERED: (LeadState.ANSWERED, LeadState.CLOSED),
    REVIEW: (LeadState.REVIEW,),
    GONE: (LeadState.EXPIRED, LeadState.DISMISSED),
}
_WORD_OF = {state: word for word, states in STATES_BEHIND.items() for state in states} | {
    LeadState.WITHDRAWN: GONE
}
_ICONS = {WAITING: "clock", TAKEN: "person", ANSWERED: "check", GONE: "gone", REVIEW: "eye"}


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state is shown."""

    tint: str
    word: str
    icon: str


def sign_of(voice: Voice, state: LeadState | str) -> Sign:
    """Return how a lead's state is shown."""
    tint = _WORD_OF[LeadState(state)]
    return Sign(tint, state_word(voice, tint), _ICONS[tint])


def state_word(voice: Voice, word: str) -> str:
    return {
        WAITING: voice.say("waiting"),
        TAKEN: voice.say("taken"),
        ANSWERED: voice.say("answered"),
        GONE: voice.say("gone"),
        REVIEW: voice.say("to review"),
    }[word]


def intent_word(voice: Voice, intent: str) -> str:
    return {
        Intent.VENDOR_REQUEST.value: voice.say("looks for a supplier"),
        Intent.CANDIDATE_SEARCH.value: voice.say("looks for a person"),
        Intent.HELP_QUESTION.value: voice.say("asks for help"),
        Intent.COMPLAINT.value: voice.say("complains"),
        Intent.JOB_SEEKING.value: voice.say("looks for a job"),
        Intent.PROMOTION.value: voice.say("advertises"),
        Intent.OTHER.value: voice.say("something else"),
    }.get(intent, intent)


def outcome_word(voice: Voice, outcome: str) -> str:
    return {
        Outcome.WON: voice.say("won"),
        Outcome.LOST: voice.say("lost"),
        Outcome.NO_REPLY: voice.say("no reply"),
    }[Outcome(outcome)]


def decline_reasons(voice: Voice) -> list[tuple[str, str]]:
    """Return the reasons for "not for me", each with its words."""
    return [
        (DeclineReason.NOT_MY_TOPIC.value, voice.say("Not my topic")),
        (DeclineReason.BUSY.value, voice.say("No time right now")),
        (DeclineReason.NOT_WORTH_IT.value, voice.say("Not worth an answer")),
        (DeclineReason.NOT_A_LEAD.value, voice.say("Nobody is asking for anything here")),
    ]


def told_word(voice: Voice, state: AlertState) -> str:
    """Return what colleagues may know of somebody's alert; why somebody said no is not theirs."""
    return {
        AlertState.SEEN: voice.say("has looked at it"),
        AlertState.ACCEPTED: voice.say("has it"),
        AlertState.DECLINED: voice.say("passed"),
        AlertState.SNOOZED: voice.say("looks at it later"),
        AlertState.TIMED_OUT: voice.say("has not seen it yet"),
        AlertState.UNDELIVERABLE: voice.say("could not be reached"),
        AlertState.HELD_QUIET: voice.say("is told in the morning"),
        AlertState.PLANNED: voice.say("is being told"),
        AlertState.QUEUED: voice.say("is being told"),
    }.get(state, voice.say("told"))


def final_sentence(voice: Voice, state: LeadState) -> str:
    """Return what became of a question that is over."""
    return {
        LeadState.EXPIRED: voice.say(
            "This question has grown too old for an answer to help. Nothing is left to do."
        ),
        LeadState.DISMISSED: voice.say(
            "A colleague said that nobody asks for anything here. The text is no longer kept."
        ),
        LeadState.WITHDRAWN: voice.say(
            "The post was deleted where it stood, so it is gone here too."
        ),
        LeadState.ANSWERED: voice.say("It is answered."),
        LeadState.CLOSED: voice.say("It is answered."),
    }.get(state, "")


def taken_sentence(voice: Voice, name: str, at: datetime) -> str:
    """Return who took a question, and when."""
    if voice.is_just_now(at):
        return voice.say("Taken by %(name)s just now", name=name)
    if voice.is_long_ago(at):
        return voice.say("Taken by %(name)s on %(date)s", name=name, date=voice.date_of(at))
    return voice.say("Taken by %(name)s, %(age)s ago", name=name, age=voice.age(at))


def answered_sentence(voice: Voice, name: str, at: datetime) -> str:
    """Return who answered a question, and when; "" for the reader's own name."""
    name = name or voice.say("you")
    if voice.is_just_now(at):
        return voice.say("Answered by %(name)s just now", name=name)
    if voice.is_long_ago(at):
        return voice.say("Answered by %(name)s on %(date)s", name=name, date=voice.date_of(at))
    return voice.say("Answered by %(name)s, %(age)s ago", name=name, age=voice.age(at))


def source_word(voice: Voice, state: str) -> Sign:
    """Return how a source's state is shown."""
    return {
        "idle": Sign(ANSWERED, voice.say("reading"), "check"),
        "running": Sign(ANSWERED, voice.say("reading"), "check"),
        "done": Sign(GONE, voice.say("read to its end"), "check"),
        "paused": Sign(GONE, voice.say("paused"), "pause"),
        "no_permission": Sign(WAITING, voice.say("no permission"), "alert"),
        "failing": Sign("failing", voice.say("failing"), "alert"),
    }.get(state, Sign(GONE, state, "gone"))
