"""A public post, normalised, not yet understood."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from askwatch.model.ids import ExpertId, PostId, SourceId, post_key

# Collectors cut longer texts; the longest forum posts seen are far below it (DESIGN: understand).
TEXT_LIMIT = 20_000


class Author(BaseModel):
    """Who published a post, as the source names them."""

    model_config = ConfigDict(frozen=True)

    author_id: str = ""  # the source's own identity; "" when it gives none
    name: str = ""
    url: str = ""


class Post(BaseModel):
    """What one person published once: title and body, with where and when."""

    model_config = ConfigDict(frozen=True)

    source_id: SourceId
    post_id: PostId
    revision: int = Field(default=1, ge=1)  # grows with every edit seen
    url: str = ""
    title: str = ""
    text: str = ""
    author: Author = Author()
    lang_hint: str = ""  # ISO 639-1 as the source declares it; may be wrong
    published_at: AwareDatetime
    observed_at: AwareDatetime
    edited_at: AwareDatetime | None = None
    is_truncated: bool = False
    in_reply_to: str = ""
    place: str = ""  # community, feed or group the post stands in
    handed_in_by: ExpertId | None = None

    @property
    def key(self) -> str:
        return post_key(self.source_id, self.post_id)

    @property
    def full_text(self) -> str:
        """Return title and body as one text, the title first unless the body repeats it."""
        return join_title(self.title, self.text)

    def age_s(self, now: datetime) -> float:
        """Return seconds since publication, never negative."""
        return max(0.0, (now - self.published_at).total_seconds())


def join_title(title: str, text: str) -> str:
    """Return title and body as one text, the title first unless the body repeats it."""
    if not title or text.startswith(title):
        return text
    return f"{title}\n\n{text}" if text else title
