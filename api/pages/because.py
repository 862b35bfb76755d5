"""Why this colleague was asked, in words; the router gives kinds and values."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from api.pages.voice import Voice

# So many reasons a person reads at a glance; the rest is under "Why".
SHOWN = 4


def tell_because(
    voice: Voice, because: Sequence[Mapping[str, JsonValue]], topics: Mapping[str, str]
) -> str:
    """Return the reasons in one line, the strongest first, or "" when none was given."""
    told = [_tell(voice, reason, topics) for reason in because]
    return ", ".join([each for each in told if each][:SHOWN])


def _tell(voice: Voice, reason: Mapping[str, JsonValue], topics: Mapping[str, str]) -> str:
    kind = str(reason.get("kind", ""))
    given = reason.get("values")
    values = [str(value) for value in given] if isinstance(given, list) else []
    alone = {"free": voice.say("free now"), "duty": voice.say("on duty")}
    if kind in alone or not values:
        return alone.get(kind, "")
    if kind == "answers":
        return _tell_answers(voice, values, topics)
    if kind == "passed_on":
        return voice.say("%(name)s passed it on to you", name=values[0])
    return _tell_knowledge(voice, kind, values, topics)


def _tell_knowledge(voice: Voice, kind: str, values: list[str], topics: Mapping[str, str]) -> str:
    if kind == "language":
        names = voice.both([voice.language_name(value) for value in values])
        return voice.say("speaks %(languages)s", languages=names)
    if kind == "region":
        return voice.say("at home in %(regions)s", regions=voice.both(values))
    if kind == "profile":
        return voice.say("profile mentions %(words)s", words=voice.both(values))
    if kind in {"skill", "topic"}:
        known = voice.both([topics.get(value, value) for value in values])
        return voice.say("knows %(things)s", things=known)
    return ""  # a kind of a later version


def _tell_answers(voice: Voice, values: list[str], topics: Mapping[str, str]) -> str:
    number = int(values[0]) if values[0].isdigit() else 1
    answers = voice.count("%(num)s answer", "%(num)s answers", number)
    if len(values) < 2:
        return answers
    about = topics.get(values[1], values[1])
    return voice.say("%(answers)s on %(topic)s", answers=answers, topic=about)
