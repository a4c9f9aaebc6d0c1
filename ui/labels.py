"""Names for people: columns, parameters, units, kinds. Keys are the codes of files and scenarios."""

from __future__ import annotations

import re
from collections.abc import Callable

from geo.errors import N_
from geo.units import ha, mu
from ui.words import _, language

__all__ = [
    "COLUMNS",
    "FORMS",
    "PARAMETERS",
    "PREVIEWS",
    "ROLES",
    "VALUES",
    "area_text",
    "column_name",
    "crs_text",
    "facility_name",
    "kind_name",
    "number_text",
    "option_name",
    "parameter_name",
    "precision_text",
    "preview_name",
    "role_name",
    "template_title",
    "unit_name",
    "value_name",
]

KINDS = {
    "template": N_("Template"),
    "firms": N_("Firms"),
    "boundary": N_("Park boundary"),
    "facilities": N_("Ports, airports, roads (points)"),
    "gates": N_("Gates"),
    "roads": N_("Roads"),
    "water": N_("Water"),
    "exclusions": N_("Excluded land"),
    "flood": N_("Flood areas"),
    "housing": N_("Housing"),
    "buildings": N_("Buildings"),
}

ROLES = {
    "id": N_("Identifier"),
    "name": N_("Name"),
    "credit_code": N_("Credit code"),
    "crs": N_("Coordinate system"),
    "lon": N_("Longitude or easting"),
    "lat": N_("Latitude or northing"),
    "position": N_("Both coordinates in one cell"),
    "industry": N_("Industry"),
    "industry_code": N_("Industry code (GB/T 4754)"),
    "code_version": N_("Edition of the industry code"),
    "product": N_("Products"),
    "township": N_("Township"),
    "address": N_("Address"),
    "county": N_("County"),
    "hq_location": N_("Place of the headquarters"),
    "park": N_("Park it is in"),
    "country": N_("Country"),
    "employees": N_("Staff"),
    "output": N_("Output"),
    "above_scale": N_("Above designated size"),
    "founded": N_("Year of founding"),
    "functions": N_("Functions"),
    "area_mu": N_("Land, mu"),
    "freight": N_("Freight, t a year"),
    "emission_class": N_("Emission class"),
    "suppliers": N_("Suppliers"),
    "status": N_("Registration status"),
    "precision": N_("Precision of the position"),
    "synthetic": N_("Made up or not"),
    "kind": N_("Kind"),
    "road_class": N_("Road class"),
    "oneway": N_("One-way"),
    "speed": N_("Speed limit"),
    "width": N_("Width"),
}
"""Roles that a column of an uploaded table may play (data/catalogues/columns.toml)."""

UNITS = {
    "firms": N_("firms"),
    "min": N_("min"),
    "persons": N_("persons"),
    "iterations": N_("iterations"),
    "pieces": N_("pieces"),
    "gates": N_("gates"),
    "pairs": N_("pairs"),
    "pp": N_("percentage points"),
    "m2": "m²",
    "": "",
}

PARAMETERS = {
    "radius_m": N_("Neighbour radius"),
    "min_firms": N_("Fewest firms"),
    "method": N_("Method"),
    "industry": N_("Industry"),
    "concavity": N_("Closeness of the outline"),
    "strip_ratio": N_("Strip from a ratio of"),
    "block_ratio": N_("Block up to a ratio of"),
    "near_road_m": N_("Along a main road: up to"),
    "road_share": N_("Strip from a share along main roads of"),
    "around_m": N_("Around the park: up to"),
    "centre": N_("Centre (longitude, latitude)"),
    "within_km": N_("Study distance from the park"),
    "crs": N_("Metric coordinate system"),
    "seed": N_("Seed"),
    "template": N_("Template"),
    "network": N_("Network"),
    "max_snap_km": N_("Farthest from the network"),
    "speed_kmh": N_("Speed"),
    "evaluations": N_("Slicing trees"),
    "moves": N_("Moves of blocks"),
    "weight_share": N_("Weight of shares"),
    "weight_compact": N_("Weight of compactness"),
    "weight_siting": N_("Weight of siting rules"),
    "weight_closeness": N_("Weight of closeness"),
    "bridge_m": N_("Longest bridge"),
}

FORMS = {
    "strip": N_("strip (带状)"),
    "block": N_("block (块状)"),
    "mixed": N_("mixed"),
    "point": N_("one or two places"),
}

OPTIONS = {
    "coarse": N_("built-in coarse roads"),
    "straight": N_("straight line × detour factor"),
    "dbscan": N_("DBSCAN (one radius)"),
    "hdbscan": N_("HDBSCAN (several densities)"),
}

COLUMNS = {
    "access_m": N_("Access at both ends, m"),
    "accepted": N_("Accepted"),
    "area_ha": N_("Area, ha"),
    "area_m2": N_("Area, m²"),
    "area_mu": N_("Area, mu"),
    "around": N_("In or around the park"),
    "axis_ratio": N_("Length to width"),
    "check": N_("Check"),
    "cluster": N_("Cluster"),
    "code": N_("Code"),
    "column": N_("Column"),
    "clustered": N_("Share in clusters"),
    "count": N_("Count"),
    "crs": N_("Coordinate system"),
    "distance_km": N_("To the centre, km (median)"),
    "encoding": N_("Encoding"),
    "facility": N_("Facility"),
    "file": N_("File"),
    "firms": N_("Firms"),
    "firms_per_km2": N_("Firms per km²"),
    "form": N_("Form"),
    "gb": N_("GB 50137 class"),
    "in_park": N_("In the park"),
    "industry": N_("Main industry"),
    "industry_share": N_("Share of the main industry"),
    "kind": N_("Kind"),
    "known": N_("Township known"),
    "layer": N_("Layer"),
    "limit": N_("Limit"),
    "located": N_("Located"),
    "message": N_("Message"),
    "met": N_("Met"),
    "minutes": N_("Minutes"),
    "name": N_("Name"),
    "name_en": N_("Name"),
    "name_zh": N_("Name"),
    "near_main_road": N_("Share along main roads"),
    "nearest_m": N_("Nearest firm, m (mean)"),
    "network": N_("Network"),
    "network_km": N_("Network, km"),
    "object": N_("Object"),
    "origin": N_("From"),
    "outside": N_("Firms outside"),
    "parameter": N_("Parameter"),
    "perimeter_m": N_("Perimeter, m"),
    "pieces": N_("Pieces"),
    "pieces_allowed": N_("Pieces allowed"),
    "precision": N_("Precision"),
    "reached": N_("Share reached"),
    "rejected": N_("Rejected"),
    "rows_in": N_("Rows in the file"),
    "rule": N_("Rule"),
    "second": N_("Second nearest"),
    "second_minutes": N_("Second, minutes"),
    "second_network_km": N_("Second, network km"),
    "sentence": N_("Reason"),
    "share": N_("Share reached"),
    "share_of_industry": N_("Share of the industry's firms"),
    "share_of_construction": N_("Share of construction land"),
    "share_of_total": N_("Share of the total"),
    "share_target": N_("Share wanted"),
    "source": N_("Source"),
    "source_row": N_("Row of the source"),
    "standard_distance_m": N_("Standard distance, m"),
    "text": N_("Text"),
    "total_km": N_("Total, km"),
    "township": N_("Township"),
    "unit": N_("Unit"),
    "unknown": N_("Unknown because"),
    "value": N_("Value"),
    "verdict": N_("Verdict"),
    "warnings": N_("Warnings"),
    "weight": N_("Weight"),
    "who": N_("Industry"),
    "zone": N_("Zone"),
}

VALUES = {
    "airport": N_("airport"),
    "block": N_("block"),
    "broken": N_("broken"),
    "coarse": N_("coarse network"),
    "expressway": N_("expressway"),
    "interchange": N_("expressway interchange"),
    "met": N_("met"),
    "mixed": N_("mixed"),
    "not checked": N_("not checked"),
    "park": N_("the park"),
    "point": N_("point"),
    "port": N_("port"),
    "rail": N_("railway station"),
    "river_port": N_("river port"),
    "road": N_("road"),
    "seaport": N_("seaport"),
    "straight": N_("straight line"),
    "strip": N_("strip"),
    "town": N_("town"),
    "user": N_("your table"),
    "built-in": N_("built-in"),
    "yes": N_("yes"),
    "no": N_("no"),
    "site": N_("site"),
    "roads": N_("roads"),
    "zones": N_("zones"),
    "gates": N_("gates"),
    "blocks": N_("blocks"),
    "arterial": N_("arterial road"),
    "collector": N_("collector road"),
    "local": N_("local road"),
    "located by hand": N_("located by hand"),
    "World Port Index, NGA Pub. 150": N_("World Port Index, NGA Pub. 150"),
    "user's table": N_("your table"),
    "policy essay (quote); shares, road share, block length, density: project default": N_(
        "zones: policy essay; shares, share of roads, block length, density: defaults of this project"
    ),
    "shares, road share, block length, density: project default": N_(
        "shares, share of roads, block length, density: defaults of this project"
    ),
}

PREVIEWS = {
    "2011": "GB/T 4754-2011",
    "2017": "GB/T 4754-2017",
    "band": N_("Band"),
    "cells": N_("Cells of the line"),
    "code": N_("Industry code (GB/T 4754)"),
    "date": N_("Date as written"),
    "entities": N_("Objects"),
    "first row": N_("First row"),
    "gb18030": "GB 18030 (GBK)",
    "holds": N_("Holds"),
    "layer": N_("Sheet or layer"),
    "line": N_("Line"),
    "rows": N_("Rows"),
    "utf-8": "UTF-8",
    "x": "X",
    "y": "Y",
}
"""Headings of the previews that questions of the import bring (layers/sources)."""

_PRECISIONS = {
    "a count": N_("a count"),
    "located by hand, ± 5 km, not surveyed": N_("located by hand, ± 5 km, not surveyed"),
    "± 2 km (one minute)": N_("± 2 km (one minute)"),
    "± 10 km (rounded)": N_("± 10 km (rounded)"),
    "as given": N_("as given"),
    "county": N_("county"),
    "city": N_("city"),
    "from a point of its county or city": N_("from a point of its county or city"),
}
_DETOUR = re.compile(r"straight line × detour factor (?P<factor>[\d.]+), ± 20 %")
_STRAIGHT = N_("straight line × detour factor {factor:g}, ± 20 %")
_PROJ = re.compile(r"\+(\w+)=(\S+)")
_ZONE_OF_3 = re.compile(r"CGCS2000 / 3-degree Gauss-Kruger CM (?P<lon>\d+)E")
_TWO_SCRIPTS = re.compile(r"^(?P<zh>.*[\u4e00-\u9fff）])\s+(?P<en>[A-Za-z].*)$")


def kind_name(kind: str) -> str:
    """Name of a kind of input."""
    return _(KINDS.get(kind, kind))


def role_name(role: str) -> str:
    """Name of a role of a column."""
    return _(ROLES.get(role, role))


def template_title(name: str) -> str:
    """Title of a park template in the reader's language."""
    from planning.catalogue.parks import load_template

    template = load_template(name)
    return template.title_zh if language() == "zh" else template.title_en


def preview_name(heading: str) -> str:
    """Heading of a preview that the program made; columns of somebody's file keep their names."""
    return _(PREVIEWS.get(heading, heading))


def unit_name(unit: str) -> str:
    """Name of a unit; symbols such as m and km stay as they are."""
    return _(UNITS.get(unit, unit))


def parameter_name(name: str) -> str:
    """Name of a parameter, without the unit that its code carries."""
    return _(PARAMETERS.get(name, name.replace("_", " ")))


def option_name(option: str) -> str:
    """Name of one of several named ways."""
    return _(OPTIONS.get(option, option))


def column_name(column: str) -> str:
    """Heading of a column of a result table."""
    return _(COLUMNS.get(column, column))


def value_name(value: object) -> str:
    """Name of a code that stands in a result table; other texts stay as they are."""
    text = str(value)
    if text.startswith("cluster-"):
        return _("cluster {number}", number=text.removeprefix("cluster-"))
    return _(VALUES.get(text, text))


def precision_text(text: object, translate: Callable[..., str] = _) -> str:
    """How far a figure can be trusted, in the reader's language: texts of the stages and of the data."""
    parts = [part.strip() for part in str(text).split(";")]
    return translate(N_("; ")).join(_precision(part, translate) for part in parts if part)


def _precision(part: str, translate: Callable[..., str]) -> str:
    if found := _DETOUR.fullmatch(part):
        return translate(_STRAIGHT, factor=float(found["factor"]))
    return translate(_PRECISIONS.get(part, part))


def facility_name(name: object, lang: str) -> str:
    """Name of a port or airport: of a name in both scripts the one that the reader knows."""
    from layers.facilities import chinese_names

    text = str(name)
    if lang == "zh" and text in (known := chinese_names()):
        return known[text]
    found = _TWO_SCRIPTS.match(text)
    return text if found is None else found[lang if lang == "zh" else "en"]


def crs_text(name: str) -> str:
    """Name of a coordinate system; the national 3° zones have one in the reader's language."""
    found = _ZONE_OF_3.match(name)
    if found is None:
        return _projection(dict(_PROJ.findall(name))) or name
    code = name[found.end() :].strip()
    return _("CGCS2000, 3° Gauss–Krüger zone, central meridian {lon}°E {code}", lon=found["lon"], code=code)


def _projection(proj: dict[str, str]) -> str:
    """Name of a projection that was laid around an area; empty for another."""
    centre = {axis: float(proj[f"{axis}_0"]) for axis in ("lon", "lat") if f"{axis}_0" in proj}
    if len(centre) < 2:
        return ""
    if proj.get("proj") == "lcc":
        parallels = {name: float(proj[name]) for name in ("lat_1", "lat_2")}
        return _(
            "Lambert conformal conic, parallels {lat_1:g}° and {lat_2:g}°, centre {lon:.2f}°E {lat:.2f}°N",
            **parallels,
            **centre,
        )
    if proj.get("proj") == "tmerc":
        return _("transverse Mercator, centre {lon:.2f}°E {lat:.2f}°N", **centre)
    return ""


def number_text(value: object) -> str:
    """A cell that holds a number, a range in words, or nothing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the value that is not itself
        return "–"
    return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)


def area_text(area_m2: float) -> str:
    """Area in hectares and mu."""
    return _("{ha:,.2f} ha ({mu:,.1f} mu)", ha=ha(area_m2), mu=mu(area_m2))
