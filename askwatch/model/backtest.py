"""What a back-test tries, and what it found: a change is looked at before anybody applies it."""

from pydantic import BaseModel, ConfigDict, Field

from askwatch.model.lead import Lane
from askwatch.model.topic import Topic

# A back-test never reads more, so that it ends while its reader still waits.
MOST_POSTS, MOST_SECONDS = 200_000, 300.0
EXAMPLES = 20


class BacktestRequest(BaseModel):
    """A change to try; what is left out stays as it is now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[Topic, ...] | None = Field(
        default=None, max_length=200, description="All topics, instead of the present ones"
    )
    alert: float | None = Field(default=None, gt=0, lt=1, description="Threshold of an alert")
    review: float | None = Field(default=None, gt=0, lt=1, description="Threshold of the review")
    adaptation: int | None = Field(
        default=None, ge=0, description="Version to apply; 0: the model alone"
    )
    most_posts: int = Field(default=20_000, ge=1, le=MOST_POSTS)
    most_seconds: float = Field(default=60.0, gt=0, le=MOST_SECONDS)


class LaneCounts(BaseModel):
    """How many posts went where."""

    model_config = ConfigDict(frozen=True)

    alert: int = 0
    review: int = 0
    none: int = 0


class Example(BaseModel):
    """A post whose lane the change would change; never its text."""

    model_config = ConfigDict(frozen=True)

    source_id: str
    post_id: str
    url: str
    before: Lane
    after: Lane
    probability_before: float
    probability_after: float


class BacktestResult(BaseModel):
    """What the change would do to the posts that were read."""

    model_config = ConfigDict(frozen=True)

    posts: int
    cut: str = Field(default="", description="Why not everything was read; empty when it was")
    before: LaneCounts = LaneCounts()
    after: LaneCounts = LaneCounts()
    found: int = Field(default=0, description="Leads that there are none of now")
    lost: int = Field(default=0, description="Leads that there would be none of")
    alerts_gained: int = 0
    alerts_lost: int = 0
    examples: tuple[Example, ...] = ()
    seconds: float = 0.0
