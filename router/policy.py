"""How eagerly people are told: every number that a company may want to set otherwise."""

import logging

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from askwatch.errors import ConfigurationError
from askwatch.state.engine import Transaction
from askwatch.state.policies import find_policy

log = logging.getLogger(__name__)

POLICY_NAME = "routing"


class Policy(BaseModel):
    """Defaults are those of the routing design; durations say their unit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # How many are told at once, and with what probability one of them should respond.
    set_size: int = Field(default=3, ge=1, le=10)
    target_urgent: float = Field(default=0.8, gt=0, lt=1)
    target_normal: float = Field(default=0.5, gt=0, lt=1)
    rungs: int = Field(default=3, ge=1)  # sets of people told one after the other
    timeout_urgent_s: float = Field(default=5 * 60, gt=0)
    timeout_normal_s: float = Field(default=15 * 60, gt=0)
    remind_at: float = Field(default=0.6, gt=0, lt=1)  # part of the time-out that has passed
    delivery_deadline_s: float = Field(default=5 * 60, gt=0)
    alert_age_limit_s: float = Field(default=60 * 60, gt=0)  # an older alert is not sent any more
    claim_lease_s: float = Field(default=2 * 3600, gt=0)  # of the expert's working time
    expire_s: float = Field(default=48 * 3600, gt=0)
    outcome_check_s: float = Field(default=72 * 3600, gt=0)
    outcome_limit_s: float = Field(default=30 * 86400, gt=0)
    blocked_retry_s: float = Field(default=15 * 60, gt=0)  # when only capacity is missing
    # V of ROUTING: expected use of telling somebody, on the scale of a lead's value.
    interruption_cost: float = Field(default=0.02, ge=0)
    value_floor: float = Field(default=0.3, ge=0, le=1)  # what an unvalued ask is worth
    topic_fit_floor: float = Field(default=0.6, ge=0, le=1)  # T that makes up for no topic
    min_language_level: float = Field(default=0.3, ge=0, le=1)
    # Platt scaling of the score, and its terms.
    platt_a: float = -3.0
    platt_b: float = 6.0
    fatigue_per_alert: float = Field(default=0.7, gt=0, le=1)
    half_life_urgent_s: float = Field(default=3600, gt=0)
    half_life_normal_s: float = Field(default=4 * 3600, gt=0)

    def timeout_s(self, urgency: str) -> float:
        return self.timeout_urgent_s if urgency == "high" else self.timeout_normal_s

    def target(self, urgency: str) -> float:
        return self.target_urgent if urgency == "high" else self.target_normal

    def half_life_s(self, urgency: str) -> float:
        return self.half_life_urgent_s if urgency == "high" else self.half_life_normal_s


def parse_policy(body: object) -> Policy:
    """Return a policy from its stored or written form.

    Raises:
        ConfigurationError: A field is unknown or out of range; the message names it.
    """
    try:
        return Policy.model_validate(body)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise ConfigurationError(f"policy {POLICY_NAME}: {faults}") from None


def read_policy(transaction: Transaction) -> tuple[Policy, int]:
    """Return the policy in force and its version; the defaults are version 0.

    A stored policy that this version cannot read is said aloud and the defaults apply, so that
    leads still reach somebody.
    """
    row = find_policy(transaction, POLICY_NAME)
    try:
        return parse_policy(row.body), row.version
    except ConfigurationError as error:
        log.error("policy not readable", extra={"policy": POLICY_NAME, "reason": str(error)})  # noqa: TRY400 - the reason is the whole story
        return Policy(), row.version
