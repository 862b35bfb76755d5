"""What a company's taps change about what the shipped model says: small, and easy to take back."""

from pydantic import BaseModel, ConfigDict, Field

# A change beyond these is no adaptation but another model (log-odds).
MOST_SHIFT, MOST_OFFSET, MOST_CHANGE = 2.0, 3.0, 6.0


class Layer(BaseModel):
    """A linear change of the log-odds of an ask; all zeros change nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float = 0.0
    ask: float = 0.0  # times the log-odds themselves
    b2b: float = 0.0  # times P(a business could answer) less a half
    person: float = 0.0  # times the share of P(an ask) that looks for a person, less a half
    topics: dict[str, float] = {}  # times the probability of each topic
    vector: tuple[float, ...] = ()  # times the post's vector; ignored for another length


class Adaptation(BaseModel):
    """Everything that is adapted; the default changes nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert_shift: float = Field(default=0.0, ge=-MOST_SHIFT, le=MOST_SHIFT)  # log-odds
    review_shift: float = Field(default=0.0, ge=-MOST_SHIFT, le=MOST_SHIFT)  # log-odds
    topic_offsets: dict[str, float] = {}  # log-odds, by topic
    layer: Layer = Layer()
    model: str = ""  # the model whose vectors and probabilities it was learned from

    @property
    def is_neutral(self) -> bool:
        """Whether it changes nothing."""
        return self.model_copy(update={"model": ""}) == Adaptation()
