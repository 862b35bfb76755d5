"""Taps of a made-up company that wants payroll and never hosting; no model is needed."""

from datetime import UTC, datetime, timedelta
from random import Random

from askwatch.model.feedback import Features, FeedbackKind
from askwatch.model.ids import TopicId, derive_id
from askwatch.model.lead import Intent, Lane, TopicScore
from askwatch.model.topic import Topic
from askwatch.state.feedback import Tap
from nlp.learning import Setting
from nlp.model import Thresholds
from nlp.topics import TopicIndex

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MODEL = "model-1"
PAYROLL, HOSTING = TopicId("payroll"), TopicId("hosting")
INDEX = TopicIndex(
    [Topic(topic_id=PAYROLL, name="Payroll"), Topic(topic_id=HOSTING, name="Hosting")]
)
THRESHOLDS = Thresholds(vendor=0.4, candidate=0.4, review=0.3, alert=0.8, b2b=0.5, topic=0.3)
SETTING = Setting(model=MODEL, thresholds_of=lambda _: THRESHOLDS, topics=INDEX)


def make_features(topic: TopicId, random: Random, *, probability: float = 0.9) -> Features:
    """Return what a model says of an ask: its vector leans to its topic."""
    lean = 1.0 if topic == PAYROLL else -1.0
    vector = [lean * 0.6, *(random.gauss(0, 0.2) for _ in range(7))]
    probability = min(0.99, max(0.01, probability + random.uniform(-0.05, 0.05)))
    return Features(
        lang="en",
        intent=Intent.VENDOR_REQUEST,
        lane=Lane.ALERT if probability >= THRESHOLDS.alert else Lane.REVIEW,
        probability=probability,
        probabilities={Intent.VENDOR_REQUEST: probability},
        b2b_probability=0.9,
        topics=(TopicScore(topic_id=topic, probability=0.8),),
        vector=tuple(vector),
        model=MODEL,
    )


def make_tap(kind: FeedbackKind, features: Features, number: int, **changes: object) -> Tap:
    values: dict[str, object] = {
        "kind": kind,
        "given_by": "expert:anna",
        "given_at": NOW + timedelta(seconds=number),
        "post_hash": derive_id("post", number),
        "author_hash": "",
        "features": features,
    }
    return Tap(**(values | changes))  # type: ignore[arg-type]  # fields by name


def make_taps(count: int, *, seed: int = 1) -> list[Tap]:
    """Return taps of a company that wants every other ask: those about payroll."""
    random = Random(seed)
    taps = []
    for number in range(count):
        topic = PAYROLL if number % 2 else HOSTING
        kind = FeedbackKind.WANTED if topic == PAYROLL else FeedbackKind.NOT_A_LEAD
        taps.append(make_tap(kind, make_features(topic, random), number))
    return taps
