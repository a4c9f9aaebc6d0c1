"""The tables of a layout: what a row of each is, its columns, their meaning and unit."""

from __future__ import annotations

from geo.schema import Column, TableSchema

__all__ = [
    "ADJACENCY",
    "BOUNDARY",
    "CHECKS",
    "GATES",
    "LAND_USE",
    "PARCELS",
    "REASONS",
    "ROAD_LINES",
    "ZONES",
]

_AREAS = frozenset({"Polygon", "MultiPolygon"})
_ZONE = Column(meaning="key of the zone in the template", kind="text")
_CODE = Column(meaning="class of the 用地用海 classification of 2023", kind="text")
_GB = Column(meaning="class of GB 50137-2011", kind="text")
_AREA = Column(meaning="area in the plane of the study area's CRS", unit="m2", kind="number")

BOUNDARY = TableSchema(
    name="boundary",
    meaning="the outline of the park",
    geometry=_AREAS,
    columns={"area_m2": _AREA},
)
LAND_USE = TableSchema(
    name="land_use",
    meaning="a block of a zone, or all of another kind; each square metre of the boundary is in one row",
    geometry=_AREAS,
    columns={
        "kind": Column(meaning="zone, road, verge, water, kept (buildings) or excluded", kind="text"),
        "zone": Column(meaning="key of the zone in the template; empty where kind is no zone", kind="text"),
        "code": Column(
            meaning="class of the 用地用海 classification of 2023; empty: kept, excluded", kind="text"
        ),
        "gb": Column(meaning="class of GB 50137-2011; empty: kept, excluded", kind="text"),
        "area_m2": _AREA,
    },
)
ZONES = TableSchema(
    name="zones",
    meaning="a zone, all its blocks together",
    geometry=_AREAS,
    columns={
        "zone": _ZONE,
        "name_zh": Column(meaning="Chinese name", kind="text"),
        "name_en": Column(meaning="English name", kind="text"),
        "code": _CODE,
        "gb": _GB,
        "share_target": Column(meaning="share that the template wants, 0–1", kind="number"),
        "share": Column(meaning="net area over the net area of all zones, 0–1", kind="number"),
        "area_m2": Column(meaning="net area: without roads and verges", unit="m2", kind="number"),
        "pieces": Column(meaning="pieces as a reader counts them, streets between bridged", kind="count"),
        "pieces_allowed": Column(
            meaning="pieces that the template allows, one more on each further bank; at most 3",
            kind="count",
        ),
    },
)
PARCELS = TableSchema(
    name="parcels",
    meaning="a net block, the land between streets; it is not divided into lots yet",
    geometry=_AREAS,
    columns={
        "parcel": Column(meaning="key of the zone and a number", kind="text"),
        "zone": _ZONE,
        "code": _CODE,
        "area_m2": _AREA,
        "frontage_m": Column(meaning="length of its outline on a road", unit="m", kind="number"),
    },
)
ROAD_LINES = TableSchema(
    name="road_lines",
    meaning="the centre line of a road between junctions, bridges too; where roads meet, ends are equal",
    geometry=frozenset({"LineString"}),
    columns={
        "road": Column(meaning="R and a number", kind="text"),
        "class": Column(meaning="arterial, collector or local", kind="text"),
        "width_m": Column(meaning="right of way", unit="m", kind="number"),
    },
)
GATES = TableSchema(
    name="gates",
    meaning="a gate, moved to the nearest point of the outline that has land behind it",
    geometry=frozenset({"Point"}),
    columns={
        "gate": Column(meaning="G and a number", kind="text"),
        "kind": Column(
            meaning="as given, in small letters: port, expressway, town, rail; town where none is given",
            kind="text",
        ),
    },
)
ADJACENCY = TableSchema(
    name="adjacency",
    meaning="a pair of zones of which the template says something",
    columns={
        "zone_a": _ZONE,
        "zone_b": _ZONE,
        "letter": Column(meaning="Muther's letter: A, E, I, O, U or X", kind="text"),
        "wanted": Column(meaning="touch (A, E, I), near (O), none (U) or apart (X)", kind="text"),
        "met": Column(
            meaning="yes or no for touch and apart; – where nothing is judged (near, none)", kind="text"
        ),
        "border_m": Column(
            meaning="length of the common border, before rights of way are taken off", unit="m", kind="number"
        ),
    },
)
CHECKS = TableSchema(
    name="checks",
    meaning="one check of one thing; what was not looked at is “not checked”, never “met”",
    columns={
        "check": Column(meaning="what is checked", kind="text"),
        "object": Column(meaning="zone, or site, roads, gates, zones, blocks", kind="text"),
        "value": Column(meaning="what was found, in `unit`; empty where it is not checked", kind="number"),
        "unit": Column(meaning="m2, m, pp (percentage points), pieces, gates, pairs; empty: a share, 0–1"),
        "limit": Column(meaning="what it is compared with: a number or a range; empty: with nothing"),
        "verdict": Column(meaning="met, broken or not checked", kind="text"),
        "source": Column(meaning="where the limit comes from, or why there is no verdict", kind="text"),
    },
)
REASONS = TableSchema(
    name="reasons",
    meaning="one siting rule of one zone",
    columns={
        "zone": _ZONE,
        "rule": Column(
            meaning="near or away and a target, or a rule of the sources that no layout follows yet",
            kind="text",
        ),
        "value": Column(
            meaning="distance of the zone from the target, or its length on arterial roads",
            unit="m",
            kind="number",
        ),
        "met": Column(
            meaning="yes, no or not checked; near is within a quarter of the site's diagonal, and on an "
            "arterial is more than 30 m of it",
            kind="text",
        ),
        "weight": Column(meaning="weight of the rule in the template; 0: not followed", kind="number"),
        "sentence": Column(meaning="the row in words, English", kind="text"),
    },
)
