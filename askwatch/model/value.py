"""What an ask is worth: terms in [0, 1], their weights, and one formula.

    value = probability * sum(weight * term) / sum(weight)

over the terms that are known. The language stage knows those that the text tells; `reach` and
`age` need the post. What an ask is worth while it grows old is the router's business, which
halves the value over its policy's half-lives; `age` here is what was lost before the post was seen.
"""

from collections.abc import Mapping

from askwatch.model.post import Post

# b2b: a business could answer. urgency: there is a need now. budget: an amount is named.
# specificity: how many kinds of things narrow the ask. reach: how well the author can be reached
# in public. age: how fresh the post was when it was seen. Judged by hand; each is a setting.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "b2b": 0.40, "urgency": 0.10, "budget": 0.15, "specificity": 0.15, "reach": 0.10, "age": 0.10,
}  # fmt: skip
# An ask seen a day late is worth half as much to be answered.
HALF_LIFE_S = 86_400.0
_HAS_LINK, _IS_NAMED, _IS_OPENING = 0.5, 0.25, 0.25
_DIGITS = 4


def weigh_terms(
    terms: Mapping[str, float],
    *,
    probability: float,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
) -> float:
    """Return the value in [0, 1]; terms without a weight count nothing."""
    total = sum(weights.get(name, 0.0) for name in terms)
    if total <= 0:
        return 0.0
    share = sum(weights.get(name, 0.0) * term for name, term in terms.items()) / total
    return round(min(1.0, max(0.0, probability * share)), _DIGITS)


def rate_reach(post: Post) -> float:
    """Return how well an answer reaches the author, in [0, 1].

    No source tells how many people read a post: what counts is a link to answer at, an author
    with a name, and that the post opens its thread.
    """
    is_named = bool(post.author.name or post.author.url)
    return _HAS_LINK * bool(post.url) + _IS_NAMED * is_named + _IS_OPENING * (not post.in_reply_to)


def rate_age(post: Post) -> float:
    """Return 1 for a post seen at once, half of it for each day that it was seen later.

    It counts until the post was seen, not until now: the same record always says the same.
    """
    return round(float(2.0 ** -(post.age_s(post.observed_at) / HALF_LIFE_S)), _DIGITS)
