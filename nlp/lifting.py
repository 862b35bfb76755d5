"""Chooses how far a learned layer is lifted, so that wanted posts alert as they did."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

# Of the wanted posts that are told now, so many may no longer be: 2 %.
MAY_LOSE = 0.02
# Lifts of the layer and shifts of the alert threshold that are tried (log-odds).
_LIFTS = tuple(step / 4 for step in range(33))
_SHIFTS = (-0.25, 0.25, -0.5, 0.5)
# Of n wanted posts none was lost: of many more like them up to 3 / n may be (the rule of three).
_RULE_OF_THREE = 3.0
_MARGIN_STEPS = 8
# To keep those as well, unwanted alerts are given back: this share of the spared ones stays
# spared, or this share of all.
_SPARED_KEPT, _ENOUGH_SPARED = 0.65, 0.55


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of held-out examples."""

    unwanted_alerts: int = 0
    wanted_alerts: int = 0
    wanted_leads: int = 0
    lost: int = 0  # wanted posts that alert with the champion and not with the challenger
    loss: float = 0.0


def choose_place(
    judge: Callable[[float, float], Tally], champion: Tally
) -> tuple[float, float, Tally]:
    """Return the lift of the layer and the shift of the threshold that spare most alerts.

    A layer that learns what is wanted lowers every probability, since an ask is not always one
    for us. It is lifted until the wanted posts alert as they did; a shift of the threshold is
    looked for from there. Where each place loses more than may be, it is the one that loses least.
    """
    allowed = MAY_LOSE * champion.wanted_alerts

    def rank(tally: Tally, lift: float, shift: float) -> tuple[float, ...]:
        gain = tally.unwanted_alerts - tally.wanted_alerts
        if tally.lost > allowed:
            return (1, tally.lost, gain, abs(shift), lift)
        return (0, gain, abs(shift), lift, 0)

    tried = [(lift, 0.0, judge(lift, 0.0)) for lift in _LIFTS]
    best, _, tally = min(tried, key=lambda each: rank(each[2], each[0], each[1]))
    near = [(best, 0.0, tally), *((best, shift, judge(best, shift)) for shift in _SHIFTS)]
    return min(near, key=lambda each: rank(each[2], each[0], each[1]))


def keep_away(
    place: tuple[float, float, Tally],
    judge: Callable[[float, float], Tally],
    try_whole: Callable[[float, float], Tally],
    champion: Tally,
) -> tuple[float, float, Tally]:
    """Return the place that lies so far from losing wanted posts as their number asks for.

    What may be lost beyond a margin falls with its exponential, as the probabilities of a logistic
    layer do. It is no farther than where enough unwanted alerts are still spared, both held out
    and by the layer that was fitted on all examples.
    """
    lift, shift, tally = place
    wanted = max(1, champion.wanted_alerts)
    margin = max(0.0, log(_RULE_OF_THREE / (MAY_LOSE * wanted)))
    spared = champion.unwanted_alerts - tally.unwanted_alerts
    least = min(_SPARED_KEPT * spared, _ENOUGH_SPARED * champion.unwanted_alerts)
    for step in range(_MARGIN_STEPS, 0, -1):
        farther = round(lift + margin * step / _MARGIN_STEPS, 2)
        kept = judge(farther, shift)
        alerts = max(kept.unwanted_alerts, try_whole(farther, shift).unwanted_alerts)
        if champion.unwanted_alerts - alerts >= least > 0:
            return farther, shift, kept
    return place
