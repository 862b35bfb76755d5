"""The one line that a page shows about the step before it: a code in a cookie, never text."""

from fastapi import Request, Response

from api.pages.voice import Voice

_COOKIE = "askwatch_said"
# Long enough for one redirect, short enough never to surprise.
_MAX_AGE_S = 20


def leave(response: Response, code: str) -> None:
    """Let the next page say what `code` stands for."""
    response.set_cookie(_COOKIE, code, max_age=_MAX_AGE_S, httponly=True, samesite="lax")


def read(request: Request) -> str:
    return request.cookies.get(_COOKIE, "")


def forget(response: Response) -> None:
    response.delete_cookie(_COOKIE, httponly=True, samesite="lax")


def words(voice: Voice, code: str) -> str:
    """Return the line of a code; "" for none and for codes that are not ours."""
    return {
        "taken": voice.say("It is yours. The others know."),
        "released": voice.say("Given back. The others are asked again."),
        "passed_on": voice.say("Passed on. Your colleague is told now."),
        "declined": voice.say("Noted. The next colleague is asked."),
        "snoozed": voice.say("It comes back when you said. Others can take it meanwhile."),
        "answered": voice.say("Thank you. It is marked as answered."),
        "promoted": voice.say("The colleagues who know it are told now."),
        "dismissed": voice.say("Noted: nobody asks for anything here. The text is gone."),
        "outcome": voice.say("Noted. The opportunity is closed."),
        "handed_in": voice.say("Received. You see below what comes of it."),
        "link_received": voice.say("The link is being read. You see below what comes of it."),
        "needs_text": voice.say("This page may not be read by us: please paste the text too."),
        "text_added": voice.say("Received. You see below what comes of it."),
        "withdrawn": voice.say("Taken back. It is gone everywhere."),
        "source_paused": voice.say("Paused. Nothing is read from it until you go on."),
        "source_resumed": voice.say("Reading goes on within seconds."),
        "letter_replayed": voice.say("Sent back to its stream."),
        "letter_dropped": voice.say("Dropped. Its content is erased, the reason stays."),
        "feedback": voice.say("Thank you. It is learned from."),
        "marked": voice.say("Thank you. It counts."),
        "saved": voice.say("Saved."),
        "signed_out": voice.say("You are signed out."),
    }.get(code, "")
