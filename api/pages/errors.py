"""The designed states of what did not work: a sentence, what was kept, and a way on."""

from fastapi import Request, Response

from api.pages.visit import site_of
from api.pages.voice import Voice
from api.schemas.problems import Problem

_OTHER_SESSION = "urn:askwatch:problem:wrong-csrf-token"


def show_problem(request: Request, problem: Problem) -> Response:
    """Return the page of a refused request; the JSON API answers with the problem itself."""
    site = site_of(request)
    # The database may be what failed, so nobody is looked up here.
    voice = site.speak(request, None)
    title, sentence = _say(voice, problem)
    values = {
        "title": title,
        "sentence": sentence,
        "status": problem.status,
        # A form is not sent again by a link.
        "again": request.url.path if request.method == "GET" else "/",
    }
    return site.render(
        request, "error.html", values, voice=voice, caller=None, status=problem.status
    )


def _say(voice: Voice, problem: Problem) -> tuple[str, str]:
    status = problem.status
    if problem.type == _OTHER_SESSION:
        return voice.say("This form is from another session"), voice.say(
            "Nothing was changed. Open the page again and repeat the step."
        )
    told = _sentences(voice)
    title, sentence = told.get(status, told[500] if status >= 500 else told[422])
    if status in {409, 422} and problem.detail and not problem.errors:
        sentence = problem.detail
    return title, sentence


def _sentences(voice: Voice) -> dict[int, tuple[str, str]]:
    return {
        403: (
            voice.say("This is not for you to open"),
            voice.say("Your role does not include this page, or the link is damaged."),
        ),
        404: (
            voice.say("There is nothing here"),
            voice.say("The address may be mistyped, or what stood here was erased."),
        ),
        409: (
            voice.say("Somebody was faster"),
            voice.say("The question has moved on meanwhile. Nothing was changed."),
        ),
        410: (
            voice.say("This question is over"),
            voice.say(
                "It was answered, has grown too old, or was deleted where it stood. "
                "Nothing is left to do."
            ),
        ),
        413: (
            voice.say("That is too much at once"),
            voice.say("Nothing was kept. Shorten the text and send it again."),
        ),
        422: (
            voice.say("That could not be read"),
            voice.say("Something in the form is missing or wrong. Nothing was changed."),
        ),
        429: (
            voice.say("That was a little fast"),
            voice.say("Nothing was changed. Wait a moment and repeat the step."),
        ),
        500: (
            voice.say("Something broke on our side"),
            voice.say(
                "It is written down for the people who run Askwatch. "
                "Look whether your step was kept before you repeat it."
            ),
        ),
        503: (
            voice.say("We cannot reach our own records right now"),
            voice.say("Nothing was lost or changed. It usually works again within a minute."),
        ),
    }
