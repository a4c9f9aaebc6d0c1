"""The built-in borders below a map: of the whole country, or around what a project looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo.errors import N_
from ui.map_layers import MapLayer, Words, lines_layer

if TYPE_CHECKING:
    from layers.stack import LayerStack

__all__ = ["border_layers", "stack_borders"]

Bounds = tuple[float, float, float, float]
_MAIN = {"color": "#5b5f8a", "weight": 1.0, "maxZoom": 12}  # to some 700 m
_MINOR = {"color": "#5b5f8a88", "weight": 0.6, "maxZoom": 12}


def border_layers(translate: Words, bounds_deg: Bounds | None = None) -> list[MapLayer]:
    """The built-in borders as a backdrop: those of the whole country, or all within bounds."""
    from layers.backdrop import border_segments
    from planning.report.labels import border_label
    from ui.state import session

    words = border_label(session().scenario.map_number, translate)
    main, minor = border_segments(bounds_deg)
    found = [
        ("borders-minor", N_("Cities and counties"), minor, _MINOR),
        ("borders", N_("Coast and provinces"), main, _MAIN),
    ]
    return [
        lines_layer(
            layer_id,
            translate(name),
            pieces,
            style=style,
            attribution=words,
            legend=False,
            fit=False,
        )
        for layer_id, name, pieces, style in found
        if len(pieces)
    ]


def stack_borders(stack: LayerStack, translate: Words) -> list[MapLayer]:
    """The borders around what a project looks at."""
    from layers.backdrop import room_around

    return border_layers(translate, room_around(stack.bounds_deg))
