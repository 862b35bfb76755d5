"""Regions of experts against places of leads."""

import pytest

from askwatch.model.lead import Entity
from router.regions import read_whereabouts


def place(text: str, value: str) -> Entity:
    return Entity(kind="place", text=text, start=0, end=len(text), value=value)


@pytest.mark.parametrize(
    ("region", "text", "value", "is_covered"),
    [
        ("Aarhus", "Aarhus", "Aarhus, DK", True),
        ("aarhus", "Århus", "Aarhus, DK", True),
        ("Århus", "Århus", "Aarhus, DK", True),
        ("Aarhus, DK", "Aarhus", "Aarhus, DK", True),
        ("Denmark", "Aarhus", "Aarhus, DK", True),
        ("Danmark", "Tyskland", "Deutschland, DE", False),
        ("DK", "Aarhus", "Aarhus, DK", True),
        ("Germany", "Tyskland", "Deutschland, DE", True),
        ("Tyskland", "Germany", "Deutschland, DE", True),
        ("de", "Hamburg", "Hamburg, DE", True),
        ("UK", "London", "London, GB", True),
        ("EU", "EU", "EU", True),
        ("Aarhus", "Odense", "Odense, DK", False),
        ("Aarhus, DK", "Odense", "Odense, DK", False),
        ("Aarhus, US", "Aarhus", "Aarhus, DK", False),
        ("Aarhus", "Danmark", "Danmark, DK", False),
        ("Aarhus", "Aarhus", "", True),
        ("", "Aarhus", "Aarhus, DK", False),
    ],
)
def test_a_region_covers_its_own_town_and_a_country_its_towns(
    region: str, text: str, value: str, is_covered: bool
) -> None:
    assert read_whereabouts([place(text, value)]).covers(region) is is_covered


def test_a_lead_without_a_place_is_nowhere() -> None:
    vendor = Entity(kind="vendor", text="Aarhus", start=0, end=6, value="Aarhus")
    assert not read_whereabouts([vendor])
    assert not read_whereabouts([]).covers("Aarhus")
