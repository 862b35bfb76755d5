"""Fits what joins fast part and encoder, on posts of the corpus that the encoder never saw."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from nlp.analysis import analyse
from nlp.encoder import Encoder
from nlp.intent import ask_log_odds, calibrate, calibrated_probabilities, softmax
from nlp.judge import blend
from nlp.model import INTENTS, Calibration, FirstLook, Mix
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.training.configuration import CalibrationSection, LaneSection
from nlp.training.corpus import LabelledPost
from nlp.training.heads import fit_calibration

ANY = "und"
_SHARES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_FEWEST_POSTS = 60  # of a language, for numbers of its own
_F64 = NDArray[np.float64]
_TINY = 1e-6
_LOOSE = 1e3  # inverse strength of a penalty that two numbers do not need


@dataclass(frozen=True, slots=True)
class Seen:
    """What both parts say of posts that neither was trained on, one row a post."""

    posts: Sequence[LabelledPost]
    fast: NDArray[np.float32]  # log-odds of the intents, cross-validated
    fast_b2b: _F64
    glance: _F64
    encoder: NDArray[np.float32]
    encoder_b2b: _F64

    @property
    def is_ask(self) -> NDArray[np.int64]:
        return np.array([int(post.is_ask) for post in self.posts])

    def choose(self, rows: NDArray[np.int64]) -> "Seen":
        """Return some of the posts."""
        return Seen(
            [self.posts[row] for row in rows.tolist()], self.fast[rows], self.fast_b2b[rows],
            self.glance[rows], self.encoder[rows], self.encoder_b2b[rows],
        )  # fmt: skip

    def blended(self, share: float) -> NDArray[np.float32]:
        """Return the mixed log-odds of the intents."""
        return np.stack(
            [
                blend(fast, encoder, share)
                for fast, encoder in zip(self.fast, self.encoder, strict=True)
            ]
        )

    def blended_b2b(self, share: float) -> _F64:
        """Return the mixed log-odds of b2b."""
        mixed: _F64 = share * self.encoder_b2b + (1 - share) * self.fast_b2b
        return mixed


def see(
    posts: Sequence[LabelledPost],
    scores: _F64,
    encoder: Encoder,
    tell: Callable[[float], None],
) -> Seen:
    """Read `posts` with the encoder; `scores` are the fast part's, one column a head."""
    patterns = PatternSet.read(resource_path("patterns"))
    glances, opinions = [], []
    for number, post in enumerate(posts):
        analysis = analyse(normalise(post.text), patterns)
        glance = encoder.glance(analysis.normal.text, analysis.asking)
        glances.append(glance.ask)
        opinions.append(encoder.read_on(glance))
        tell(number / len(posts))
    end = len(INTENTS)
    return Seen(
        posts,
        scores[:, :end].astype(np.float32),
        scores[:, end],
        np.array(glances),
        np.stack([each.intents for each in opinions]),
        np.array([each.b2b for each in opinions]),
    )


def fit_mixes(seen: Seen, settings: CalibrationSection, lanes: LaneSection) -> dict[str, Mix]:
    """Return the mix of each language that has enough posts, and the one of all others."""
    every = _fit_mix(seen, settings.ask_share)
    mixes = {ANY: every}
    for lang in sorted({post.lang for post in seen.posts}):
        rows = np.array([row for row, post in enumerate(seen.posts) if post.lang == lang])
        part = seen.choose(rows)
        if len(rows) >= _FEWEST_POSTS and 0 < part.is_ask.sum() < len(rows):
            mixes[lang] = _fit_mix(part, settings.ask_share, every.encoder_share)
    return {lang: _finish(lang, mix, settings, lanes) for lang, mix in mixes.items()}


def _finish(lang: str, mix: Mix, settings: CalibrationSection, lanes: LaneSection) -> Mix:
    """Return the mix behind the map of its language, with the lanes of its language."""
    slope, intercept = settings.maps.get(lang, (1.0, 0.0))
    return replace(
        mix,
        slope=slope * mix.slope,
        intercept=slope * mix.intercept + intercept,
        review=lanes.review.get(lang, lanes.review[ANY]),
        alert=lanes.alert.get(lang, lanes.alert[ANY]),
    )


def fit_first_look(seen: Seen) -> FirstLook:
    """Return how fast part and glance are weighed together."""
    fitted = LogisticRegression(C=_LOOSE).fit(_first_look(seen), seen.is_ask)
    fast, glance = fitted.coef_[0].tolist()
    return FirstLook(fast, glance, float(fitted.intercept_[0]))


def first_look_probabilities(seen: Seen, first_look: FirstLook) -> _F64:
    """Return P(ask) of each post after the glance."""
    return np.array([first_look.weigh(*row) for row in _first_look(seen).tolist()])


def _first_look(seen: Seen) -> _F64:
    """Return (posts, 2) log-odds of an ask: by the fast part, at a glance."""
    return np.stack([_ask_odds(seen.fast), seen.glance], axis=1)


def mixed_probabilities(seen: Seen, mixes: Mapping[str, Mix]) -> _F64:
    """Return the calibrated probability of an ask of each post."""
    asks = []
    for row, post in enumerate(seen.posts):
        mix = mixes.get(post.lang) or mixes[ANY]
        scores = blend(seen.fast[row], seen.encoder[row], mix.encoder_share)
        ask, _ = calibrated_probabilities(scores, Calibration(mix.slope, mix.intercept))
        asks.append(ask)
    return np.array(asks)


def _fit_mix(seen: Seen, ask_share: float, share: float | None = None) -> Mix:
    share = _choose_share(seen) if share is None else share
    truth = seen.is_ask
    fitted = fit_calibration(_ask_odds(seen.blended(share)), truth)
    here = float(truth.mean())
    moved = log(ask_share / (1 - ask_share)) - log(here / (1 - here))
    asks = np.flatnonzero(truth)
    is_b2b = np.array([int(seen.posts[row].b2b) for row in asks.tolist()])
    b2b = fit_calibration(seen.blended_b2b(share)[asks], is_b2b)
    return Mix(
        share, fitted.slope, fitted.intercept + moved, b2b.slope, b2b.intercept, review=0, alert=1
    )


def _choose_share(seen: Seen) -> float:
    """Return the share of the encoder that loses least, each measured after its calibration."""

    def loss(share: float) -> float:
        odds = _ask_odds(seen.blended(share))
        calibration = fit_calibration(odds, seen.is_ask)
        asks = [calibrate(float(each), calibration) for each in odds]
        intents = [INTENTS.index(post.intent) for post in seen.posts]
        shares = np.stack([softmax(row) for row in seen.blended(share)])
        of_intents = log_loss(intents, shares, labels=list(range(len(INTENTS))))
        return float(log_loss(seen.is_ask, np.clip(asks, _TINY, 1 - _TINY)) + of_intents)

    return min(_SHARES, key=loss)


def _ask_odds(scores: NDArray[np.float32]) -> _F64:
    return np.array([ask_log_odds(softmax(row)) for row in scores])
