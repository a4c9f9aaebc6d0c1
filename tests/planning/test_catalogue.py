"""Catalogues: what ships is whole, and a slip in a user's own file is told file, key and neighbour."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import CATALOGUES
from geo.errors import SourceError, UsageError
from planning.catalogue.landuse import landuse, landuse_codes
from planning.catalogue.parks import LETTERS, load_template, template_names
from planning.catalogue.places import load_places, load_stone_clusters

STONE = (CATALOGUES / "parks" / "stone.toml").read_text(encoding="utf-8")


def test_the_templates_of_the_contract_are_there() -> None:
    assert template_names() == sorted(
        [
            "stone",
            "stone-resource",
            "software",
            "textile",
            "forest-bamboo",
            "building-materials",
            "equipment",
            "chemical",
        ]
    )


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_whole(name: str) -> None:
    template = load_template(name)
    assert sum(zone.target for zone in template.zones) == pytest.approx(1.0)
    for zone in template.zones:
        low, high = zone.range
        assert low <= zone.target <= high
        for code in (zone.code, zone.gb):
            known = landuse(code)
            assert known.name_zh
            assert known.name_en
            assert known.name_en.isascii()
            assert known.colour.startswith("#")
            assert len(known.colour) == 7
        assert zone.origin in ("named", "derived", "none")
    assert set(template.closeness.values()) <= set(LETTERS)


def test_the_six_stone_zones_of_the_essay_are_named() -> None:
    named = {zone.id for zone in load_template("stone").zones if zone.origin == "named"}
    assert named == {"processing", "logistics", "exhibition", "machinery", "tech", "training"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("target = 0.47", "target = 0.57", "sum to 1.1000"),
        ("target = 0.47", "taget = 0.47", "“target”"),
        ("target = 0.47", 'target = "much"', "share from 0 to 1"),
        ('code = "100102"', 'code = "100192"', "unknown land-use code"),
        ('"processing-logistics" = "A"', '"processing-logistcs" = "A"', "“logistics”"),
        ('"processing-logistics" = "A"', '"processing-logistics" = "B"', "A, E, I, O, U, X"),
        ('rule = "away"', 'rule = "afar"', "near or away"),
        ("title_zh", "titel_zh", "“title_zh”"),
        ('id = "logistics"', 'id = "processing"', "twice"),
    ],
)
def test_a_slip_in_a_template_is_told(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in STONE
    path = tmp_path / "mine.toml"
    path.write_text(STONE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_template(path)
    assert words in str(refused.value)


def test_a_copy_of_a_template_works(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(STONE, encoding="utf-8-sig")
    assert [zone.id for zone in load_template(str(path)).zones] == [
        zone.id for zone in load_template("stone").zones
    ]


def test_an_unknown_template_is_told_its_neighbour(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="“stone”"):
        load_template("stoen")
    with pytest.raises(SourceError, match="cannot be read"):
        load_template(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("= no", encoding="utf-8")
    with pytest.raises(SourceError, match="no TOML"):
        load_template(tmp_path / "bad.toml")


def test_every_code_has_a_colour() -> None:
    assert len(landuse_codes()) > 150
    assert all(code.colour.startswith("#") for code in landuse_codes().values())


def test_the_real_places_are_there_and_say_how_far_to_trust_them() -> None:
    places, stone = load_places(), load_stone_clusters()
    assert len(places) == 62  # 65 less the three that nobody could locate
    assert len(stone) == 24
    assert (stone["scale"] == "national/international").sum() == 4
    assert (places["coord_source"] != "").all()
    at_home = places[~places["id"].isin(["ref_sv", "jp_tokyo"])]  # which the essays compare with
    assert len(at_home) == 60
    assert at_home.total_bounds[0] > 73
    assert at_home.total_bounds[2] < 136
