"""Finds the skills that a search for a person names."""

from collections.abc import Iterable

from nlp.entities.grammar import read_table
from nlp.entities.passage import Passage
from nlp.entities.phrases import Phrases


class SkillFinder:
    """Knows the skills of entities/skills.toml."""

    def __init__(self) -> None:
        table = read_table("skills.toml")["skills"]
        self._names: Phrases[tuple[str, bool]] = Phrases()
        for skill in (*table["words"], *table["languages"]):
            self._names.add(skill, (skill, False))
        for skill in table["names"]:
            self._names.add(skill, (skill.lower(), True))

    def find(self, passage: Passage) -> Iterable[tuple[int, int, str]]:
        """Yield words [first, last) and the skill in lower case."""
        place = 0
        while place < len(passage.words):
            found = self._names.match(passage.words, place)
            if found is None or (found[1][1] and not passage.is_capital(place)):
                place += 1
                continue
            yield place, found[0], found[1][0]
            place = found[0]
