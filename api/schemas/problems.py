"""What every refused request is answered with (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="Where, e.g. body.email or query.limit")
    detail: str = Field(description="What is wrong with it")


class Owner(BaseModel):
    """Who has taken a question already."""

    model_config = ConfigDict(frozen=True)

    expert_id: str
    name: str


class Problem(BaseModel):
    """A problem in the sense of RFC 9457, sent as application/problem+json."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="A name for this kind of problem, stable across versions")
    title: str
    status: int
    detail: str = Field(default="", description="What happened, and what to do")
    errors: tuple[FieldError, ...] = Field(default=(), description="With status 422")
    owner: Owner | None = Field(default=None, description="Who was faster, with status 409")
