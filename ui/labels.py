"""Names for people: columns, parameters, units, kinds. Keys are the codes of files and scenarios."""

from __future__ import annotations

from geo.errors import N_
from geo.units import ha, mu
from ui.words import _

__all__ = [
    "COLUMNS",
    "PARAMETERS",
    "VALUES",
    "area_text",
    "column_name",
    "kind_name",
    "number_text",
    "option_name",
    "parameter_name",
    "step_name",
    "unit_name",
    "value_name",
]

KINDS = {
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

UNITS = {
    "firms": N_("firms"),
    "min": N_("min"),
    "persons": N_("persons"),
    "iterations": N_("iterations"),
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

OPTIONS = {
    "dbscan": N_("DBSCAN (one radius)"),
    "hdbscan": N_("HDBSCAN (several densities)"),
}

COLUMNS = {
    "access_m": N_("Access at both ends, m"),
    "accepted": N_("Accepted"),
    "area_ha": N_("Area, ha"),
    "area_m2": N_("Area, m²"),
    "area_mu": N_("Area, mu"),
    "axis_ratio": N_("Length to width"),
    "check": N_("Check"),
    "cluster": N_("Cluster"),
    "code": N_("Code"),
    "column": N_("Column"),
    "count": N_("Count"),
    "crs": N_("Coordinate system"),
    "encoding": N_("Encoding"),
    "facility": N_("Facility"),
    "file": N_("File"),
    "firms": N_("Firms"),
    "firms_per_km2": N_("Firms per km²"),
    "form": N_("Form"),
    "gb": N_("GB 50137 class"),
    "industry": N_("Main industry"),
    "industry_share": N_("Share of the main industry"),
    "kind": N_("Kind"),
    "layer": N_("Layer"),
    "limit": N_("Limit"),
    "message": N_("Message"),
    "met": N_("Met"),
    "minutes": N_("Minutes"),
    "name": N_("Name"),
    "name_en": N_("Name"),
    "name_zh": N_("Name"),
    "network": N_("Network"),
    "network_km": N_("Network, km"),
    "object": N_("Object"),
    "origin": N_("From"),
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
    "second_network_km": N_("Second, km"),
    "sentence": N_("Reason"),
    "share": N_("Share reached"),
    "share_of_construction": N_("Share of construction land"),
    "share_of_total": N_("Share of the total"),
    "share_target": N_("Share wanted"),
    "source": N_("Source"),
    "source_row": N_("Row of the source"),
    "text": N_("Text"),
    "total_km": N_("Total, km"),
    "unit": N_("Unit"),
    "value": N_("Value"),
    "verdict": N_("Verdict"),
    "warnings": N_("Warnings"),
    "weight": N_("Weight"),
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
}


def kind_name(kind: str) -> str:
    """Name of a kind of input."""
    return _(KINDS.get(kind, kind))


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


def step_name(share: float) -> str:
    """Percentage with one decimal, for a sentence."""
    return f"{share:.1%}"


def number_text(value: object) -> str:
    """A cell that holds a number, a range in words, or nothing."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the value that is not itself
        return "–"
    return f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)


def area_text(area_m2: float) -> str:
    """Area in hectares and mu."""
    return _("{ha:,.2f} ha ({mu:,.1f} mu)", ha=ha(area_m2), mu=mu(area_m2))
