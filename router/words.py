"""What alerts say, in English and Danish; short, warm, exact."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "alert": "Someone is asking about {topic} ({age} ago)",
        "alert_plain": "Someone is asking something for you ({age} ago)",
        "reminder": "Still waiting: {topic} ({age} ago)",
        "nudge": "You have taken this one: {topic} ({age} ago)",
        "notice": "The post you have taken was edited: {topic}",
        "handed": "A colleague has passed this on to you: {topic} ({age} ago)",
        "outcome": "What became of your answer about {topic}?",
        "plain_topic": "a question",
        "asks": "The post {reason}",
        "because": "You, because: {reasons}.",
        "told_0": "Nobody else was told.",
        "told_1": "One colleague was told as well.",
        "told_n": "{count} colleagues were told as well.",
        "button": "Open the question",
        "why_mail": "You get this because your company uses Askwatch and you answer questions.",
        "settings": "Change when and how you are told",
        "no_quote": "(open the question to read it)",
        "minutes": "{count} min",
        "hours": "{count} h",
        "days_1": "1 day",
        "days": "{count} days",
        "moment": "1 min",
        "and": "and",
        "topic": "knows {values}",
        "skill": "knows {values}",
        "profile": "profile mentions {values}",
        "language": "speaks {values}",
        "region": "at home in {values}",
        "duty": "on duty",
        "free": "free now",
        "answers_1": "one answer like it",
        "answers": "{values} answers like it",
        "passed_on": "{values} passed it on to you",
        "lang_da": "Danish",
        "lang_en": "English",
        "lang_sv": "Swedish",
        "lang_no": "Norwegian",
        "lang_nb": "Norwegian",
        "lang_de": "German",
    },
    "da": {
        "alert": "Nogen spørger om {topic} (for {age} siden)",
        "alert_plain": "Nogen spørger om noget for dig (for {age} siden)",
        "reminder": "Venter stadig: {topic} (for {age} siden)",
        "nudge": "Du har taget den her: {topic} (for {age} siden)",
        "notice": "Opslaget, du har taget, er rettet: {topic}",
        "handed": "En kollega har givet det her videre til dig: {topic} (for {age} siden)",
        "outcome": "Hvad kom der ud af dit svar om {topic}?",
        "plain_topic": "et spørgsmål",
        "asks": "Opslaget {reason}",
        "because": "Du, fordi: {reasons}.",
        "told_0": "Ingen andre har fået besked.",
        "told_1": "Én kollega har også fået besked.",
        "told_n": "{count} kolleger har også fået besked.",
        "button": "Åbn spørgsmålet",
        "why_mail": "Du får det her, fordi din virksomhed bruger Askwatch, og du svarer.",
        "settings": "Ret, hvornår og hvordan du får besked",
        "no_quote": "(åbn spørgsmålet for at læse det)",
        "minutes": "{count} min.",
        "hours": "{count} t.",
        "days_1": "1 dag",
        "days": "{count} dage",
        "moment": "1 min.",
        "and": "og",
        "topic": "kender {values}",
        "skill": "kender {values}",
        "profile": "profilen nævner {values}",
        "language": "taler {values}",
        "region": "hjemme i {values}",
        "duty": "har vagten",
        "free": "ledig nu",
        "answers_1": "et svar på noget lignende",
        "answers": "{values} svar på noget lignende",
        "passed_on": "{values} gav den videre til dig",
        "lang_da": "dansk",
        "lang_en": "engelsk",
        "lang_sv": "svensk",
        "lang_no": "norsk",
        "lang_nb": "norsk",
        "lang_de": "tysk",
    },
}
# Enough to be convinced, short enough to read on a phone.
_REASONS = 3
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def say(key: str, locale: str, **values: object) -> str:
    """Return a phrase in `locale`, in English where there is no other."""
    return _words(locale)[key].format(**values)


def format_age(age_s: float, locale: str) -> str:
    """Return an age as people say it: 4 min, 3 h, 2 days."""
    if age_s < 2 * _MINUTE_S:
        return say("moment", locale)
    if age_s < _HOUR_S:
        return say("minutes", locale, count=int(age_s // _MINUTE_S))
    if age_s < _DAY_S:
        return say("hours", locale, count=int(age_s // _HOUR_S))
    days = int(age_s // _DAY_S)
    return say("days_1" if days == 1 else "days", locale, count=days)


def describe_because(
    because: Sequence[Mapping[str, JsonValue]],
    locale: str,
    *,
    topic_names: Mapping[str, str] | None = None,
    limit: int = _REASONS,
) -> str:
    """Return why an expert was picked: "knows Keycloak, speaks Danish, free now".

    Topics are named by their ids where no names are given; kinds that this version does not know
    are left out.
    """
    names = topic_names or {}
    parts = []
    for each in because:
        kind, values = str(each.get("kind", "")), each.get("values")
        shown = [str(value) for value in values] if isinstance(values, list) else []
        if kind == "language":
            shown = [_words(locale).get(f"lang_{value}", value) for value in shown]
        elif kind == "topic":
            shown = [names.get(value, value) for value in shown]
        elif kind == "answers":  # how many, and about which topic
            shown = shown[:1]
            kind = "answers_1" if shown == ["1"] else kind
        template = _words(locale).get(kind)
        if template is not None:
            parts.append(template.format(values=_join(shown, locale)))
    return ", ".join(parts[:limit])


def describe_told(count: int, locale: str) -> str:
    """Return who else was told, without naming anybody."""
    key = {0: "told_0", 1: "told_1"}.get(count, "told_n")
    return say(key, locale, count=count)


def _join(values: Sequence[str], locale: str) -> str:
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {say('and', locale)} {values[-1]}"


def _words(locale: str) -> dict[str, str]:
    return _WORDS.get(locale, _WORDS["en"])
