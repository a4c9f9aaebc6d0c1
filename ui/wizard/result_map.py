"""Accepted and rejected rows of an import as layers of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo.errors import N_
from ui.map_layers import MapLayer, Words, geojson_layer, points_layer

if TYPE_CHECKING:
    import pandas as pd

    from layers.sources.importer import Imported

__all__ = ["result_layers"]

_ACCEPTED, _REJECTED = "#228833", "#CC3311"
_MOST_SHAPES = 3_000
_NAMED = 5_000
_AREA = {"color": _ACCEPTED, "fillColor": _ACCEPTED, "fillOpacity": 0.25, "weight": 1.5}


def result_layers(imported: Imported, rejected: pd.DataFrame | None, translate: Words) -> list[MapLayer]:
    """Return what was accepted and, of what was rejected, the rows that have a readable position.

    Parameters
    ----------
    imported : Imported
    rejected : DataFrame or None
        As `layers.sources.plain.rejected_cells` returns it.
    translate : callable
    """
    from layers.sources.plain import rejected_places

    table = imported.table[~(imported.table.geometry.isna() | imported.table.geometry.is_empty)]
    title = translate(N_("Accepted ({count:,})"), count=len(imported.table))
    points = bool((table.geometry.geom_type == "Point").all())
    names = None
    if "name" in imported.roles and len(table) <= _NAMED:
        names = table[imported.roles["name"]].fillna("").astype(str).tolist()
    if points or len(table) > _MOST_SHAPES:
        layers = [
            points_layer(
                "accepted",
                title,
                table["lon"],
                table["lat"],
                palette=[_ACCEPTED],
                legend=[(_ACCEPTED, title)],
                names=names,
                heading="",
            )
        ]
    else:
        layers = [
            geojson_layer("accepted", title, table, tips=names, style=_AREA, legend=[[_ACCEPTED, title]])
        ]
    if rejected is None:
        return layers
    lon, lat = rejected_places(rejected, imported)
    seen = np.isfinite(lon)
    if not seen.any():
        return layers
    title = translate(
        N_("Rejected, with a readable position ({count:,} of {all:,})"), count=int(seen.sum()), all=len(seen)
    )
    reasons = [
        f"{row} · {translate(reason)}"
        for row, reason in zip(
            rejected.loc[seen, "source_row"], rejected.loc[seen, "reject_reason"], strict=True
        )
    ]
    return [
        *layers,
        points_layer(
            "rejected",
            title,
            lon[seen],
            lat[seen],
            palette=[_REJECTED],
            legend=[(_REJECTED, title)],
            names=reasons,
            heading="",
            fit=False,  # one row at the end of the world would hide all the others
        ),
    ]
