"""Tells whether two posts are the same ask: a cross-post, a re-share or an edit of one another.

Written for precision: merging two asks hides one of them from everybody, while a copy that is not
recognised only shows twice.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from askwatch.model.wording import read_wording

# Short questions are asked by many in the same words: those need the same author, or a mark of
# sharing.
_SHORT = 14
_WORDS_READ = 300
# A digest that holds an ask among others is not that ask.
_MOST_TIMES, _MOST_MORE = 2.0, 40
# The share of the shorter text's words that the other one has, in the same order.
_LEAST_SHARED = 0.7
# Below so many words "in Odense" put in between makes another ask; only small words do not.
_FEW = 30
_SMALL_WORD = 3
# Of words put in between: so many in a row, and this share of the shorter text in all.
_MOST_INSERTED, _MOST_INSERTED_SHARE = 20, 0.25
# In a text of so many words one may be another, as when somebody polishes a sentence.
_WORDS_FOR_ONE_OTHER = 60
_SHORTEST_TYPO = 3


def is_copy(first: str, second: str, *, is_same_author: bool = False) -> bool:
    """Tell whether two texts, each with its title, are the same ask."""
    one, other = read_wording(first), read_wording(second)
    shorter, longer = sorted((one.words[:_WORDS_READ], other.words[:_WORDS_READ]), key=len)
    if not shorter:
        return False
    if len(shorter) < _SHORT and not (is_same_author or one.is_shared or other.is_shared):
        return False
    if shorter == longer:
        return True
    if len(shorter) >= _SHORT and shorter[:-1] == longer[: len(shorter) - 1]:
        # Cut off by the place where it stands, perhaps within a word.
        return len(longer) > len(shorter) and longer[len(shorter) - 1].startswith(shorter[-1])
    if len(longer) > _MOST_TIMES * len(shorter) + _MOST_MORE:
        return False
    return _is_edit(shorter, longer)


def _is_edit(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    is_few, is_short = len(shorter) < _FEW, len(shorter) < _SHORT
    same = other = inserted = 0
    matcher = SequenceMatcher(None, shorter, longer, autojunk=False)
    for kind, start, end, begin, stop in matcher.get_opcodes():
        gone, new = shorter[start:end], longer[begin:stop]
        is_inside = start > 0 and end < len(shorter)
        if kind == "equal":
            same += len(gone)
        elif kind == "replace":
            alike, left = _pair(gone, new, is_last=end == len(shorter))
            same += alike
            other += left
        elif is_short:
            other += len(gone) + len(new)
        elif is_inside:
            if len(new) > _MOST_INSERTED:
                return False
            inserted += len(gone) + len(new)
            if is_few:
                other += sum(len(word) > _SMALL_WORD or word.isdigit() for word in (*gone, *new))
    return (
        same >= _LEAST_SHARED * len(shorter)
        and other <= len(shorter) // _WORDS_FOR_ONE_OTHER
        and inserted <= _MOST_INSERTED_SHARE * len(shorter)
    )


def _pair(gone: Sequence[str], new: Sequence[str], *, is_last: bool) -> tuple[int, int]:
    """Return how many words are the same but mistyped, and how many are other words."""
    if is_last and len(gone) == 1 and len(new) > 1 and new[0].startswith(gone[0]):
        return 1, 0
    if "".join(gone) == "".join(new):
        return len(gone), 0
    alike = sum(_is_typo(one, other) for one, other in zip(gone, new, strict=False))
    return alike, max(len(gone), len(new)) - alike


def _is_typo(one: str, other: str) -> bool:
    """Tell whether one letter is missing, too much, another, or two changed places."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SHORTEST_TYPO or one.isdigit() or other.isdigit() or one[0] != other[0]:
        return False
    head = 0
    while head < len(shorter) and shorter[head] == longer[head]:
        head += 1
    rest, other_rest = shorter[head:], longer[head:]
    if len(shorter) < len(longer):
        return rest == other_rest[1:]
    return rest[1:] == other_rest[1:] or (
        rest[2:] == other_rest[2:] and rest[:2] == other_rest[1::-1]
    )
