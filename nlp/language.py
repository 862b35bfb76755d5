"""Names the language of a post; good at the five that Askwatch reads, careful with the rest."""

import tomllib
from collections.abc import Collection, Sequence
from math import log

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from nlp.resources import resource_path

UNKNOWN = "und"
LANGUAGES = ("da", "en", "sv", "no", "de")
_CHARACTERS = 600
# Words tell close languages apart better than letters do; each found is worth so much log-odds.
_MARKER_WEIGHT, _MARKERS_COUNTED = 0.6, 12
# In a handful of letters a foreign language is more often a name or slang in one of ours.
_SHORT_CHARACTERS, _SHORT_PRIOR = 60, 1.5


class LanguageGuesser:
    """Letter statistics (py3langid) corrected by words that only one of our languages has."""

    def __init__(self) -> None:
        tables = tomllib.loads(resource_path("languages.toml").read_text(encoding="utf-8"))
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages([*LANGUAGES, *tables["others"]["codes"]])
        self._markers: dict[str, list[str]] = {}
        for lang, words in tables["markers"].items():
            for word in words:
                self._markers.setdefault(word, []).append(lang)

    def guess(self, lower: str, words: Sequence[str]) -> str:
        """Return an ISO 639-1 code, "und" where there are too few letters to tell."""
        head = lower[:_CHARACTERS]
        if sum(map(str.isalpha, head)) < 3:
            return UNKNOWN
        scores = {
            str(lang): log(max(float(share), 1e-9)) for lang, share in self._identifier.rank(head)
        }
        for lang, count in self._count_markers(set(words[:150])).items():
            scores[lang] = scores.get(lang, -20.0) + _MARKER_WEIGHT * min(count, _MARKERS_COUNTED)
        if len(head) < _SHORT_CHARACTERS:
            for lang in LANGUAGES:
                scores[lang] = scores.get(lang, -20.0) + _SHORT_PRIOR
        return max(scores, key=scores.__getitem__)

    def _count_markers(self, words: Collection[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for word in words:
            for lang in self._markers.get(word, ()):
                counts[lang] = counts.get(lang, 0) + 1
        return counts
