"""What the reasons of a lead are called: one place for pages and mails, in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from askwatch.model.lead import Reason

# What a glance takes in, and what a phone's width shows of a quoted span.
CARD_FOR, CARD_AGAINST = 2, 1
SHORT = 64
_HEAD_SHARE = 0.6
_TOPIC = "topic"

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "vendor_ask": "asks others for a supplier",
        "candidate_ask": "asks others for a person",
        "ask": "asks for something",
        "asked": "turns to others",
        "need": "tells of a need",
        "comparison": "compares suppliers or products",
        "hiring": "wants to hire somebody",
        "supplier": "names a kind of supplier or product",
        "role": "names a role",
        "business": "speaks for a business",
        "topic": "names the topic",
        "topic_named": "names the topic {topic}",
        "whole": "no single place decides it, this sentence asks most clearly",
        "offer": "offers something itself",
        "advice_given": "gives advice itself",
        "know_how": "asks how something is done",
        "complaint": "complains",
        "job_seeking": "looks for work itself",
        "leisure": "is about leisure",
        "link": "leads to another page",
        "learned": "what colleagues have said of similar posts counts",
        "other": "says",
    },
    "da": {
        "vendor_ask": "spørger andre efter en leverandør",
        "candidate_ask": "spørger andre efter en person",
        "ask": "spørger efter noget",
        "asked": "henvender sig til andre",
        "need": "fortæller om et behov",
        "comparison": "sammenligner leverandører eller produkter",
        "hiring": "vil ansætte nogen",
        "supplier": "nævner en slags leverandør eller produkt",
        "role": "nævner en stilling",
        "business": "taler på en virksomheds vegne",
        "topic": "nævner emnet",
        "topic_named": "nævner emnet {topic}",
        "whole": "intet enkelt sted afgør det, denne sætning spørger tydeligst",
        "offer": "tilbyder selv noget",
        "advice_given": "giver selv råd",
        "know_how": "spørger, hvordan man gør noget",
        "complaint": "klager",
        "job_seeking": "søger selv arbejde",
        "leisure": "handler om fritid",
        "link": "fører til en anden side",
        "learned": "det, kolleger har sagt om lignende opslag, tæller med",
        "other": "siger",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToldReason:
    """A reason in words: what the span does, and the span itself, as the author wrote it."""

    words: str
    quote: str  # shortened in the middle; not escaped
    is_for: bool

    @property
    def sentence(self) -> str:
        """The whole in one line: "asks others for a supplier: 'nogen der kender ...'"."""
        return f"{self.words}: '{self.quote}'" if self.quote else self.words


def tell_reason(
    reason: Reason, locale: str, *, topic_names: Mapping[str, str] | None = None, limit: int = SHORT
) -> ToldReason:
    """Return a reason in the reader's language, English where there is no other.

    Topics are named by their ids where no names are given.
    """
    words = _WORDS.get(locale, _WORDS["en"])
    kind, _, topic_id = reason.kind.partition(":")
    if kind == _TOPIC and topic_id:
        says = words["topic_named"].format(topic=(topic_names or {}).get(topic_id, topic_id))
    else:
        says = words.get(kind, words["other"])
    return ToldReason(says, shorten(reason.text, limit), reason.weight >= 0)


def order_reasons(reasons: Iterable[Reason]) -> list[Reason]:
    """Return what spoke for an ask, then against it, the weightiest first; then the topics.

    What names a topic weighs for that topic, so its weight compares with no other.
    """
    given = list(reasons)
    asks = [each for each in given if not is_topic(each)]
    positive = sorted((each for each in asks if each.weight >= 0), key=lambda each: -each.weight)
    negative = sorted((each for each in asks if each.weight < 0), key=lambda each: each.weight)
    return [*positive, *negative, *(each for each in given if is_topic(each))]


def pick_for_card(reasons: Iterable[Reason]) -> list[Reason]:
    """Return the few that a card has room for: at most two for, topics last, and one against."""
    ordered = order_reasons(reasons)
    positive = [each for each in ordered if each.weight >= 0]
    negative = [each for each in ordered if each.weight < 0]
    return [*positive[:CARD_FOR], *negative[:CARD_AGAINST]]


def tell_first(reasons: Iterable[Reason], locale: str) -> str:
    """Return the weightiest reason for an ask in one sentence; "" where nothing spoke for it."""
    for reason in order_reasons(reasons):
        if reason.weight > 0 and not is_topic(reason):
            return tell_reason(reason, locale).sentence
    return ""


def is_topic(reason: Reason) -> bool:
    """Tell whether a reason names a topic; it says nothing of whether something is asked."""
    return reason.kind.partition(":")[0] == _TOPIC


def shorten(text: str, limit: int = SHORT) -> str:
    """Return a span on one line; a long one loses words in its middle."""
    words = text.split()
    line = " ".join(words)
    if len(line) <= limit:
        return line
    room = limit - 3  # for " … "
    head = _take(words, int(room * _HEAD_SHARE))
    tail = _take([word[::-1] for word in reversed(words)], room - len(head))[::-1]
    return f"{head} … {tail}"


def _take(words: Iterable[str], room: int) -> str:
    """Return as many words as fit; the beginning of the first one if it alone is too long."""
    taken = ""
    for word in words:
        longer = f"{taken} {word}" if taken else word
        if len(longer) > room:
            return taken or word[:room]
        taken = longer
    return taken
