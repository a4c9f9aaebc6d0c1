"""The map component: Leaflet and Geoman from our own origin, in one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance

from ui.backgrounds import current_background
from ui.map_layers import MapLayer

__all__ = ["MapAnswer", "park_map"]

_HTML = '<div class="pp"></div>'


@dataclass(frozen=True, slots=True, kw_only=True)
class MapAnswer:
    """What came back from the map.

    Attributes
    ----------
    drawings : dict or None
        FeatureCollection in WGS 84 of what is drawn now; None until something was changed.
    click : dict or None
        The last click: lat, lng, layer and the feature's id or the point's index.
    """

    drawings: dict[str, Any] | None
    click: dict[str, Any] | None


def park_map(
    layers: Sequence[MapLayer],
    *,
    edit: dict[str, Any] | None = None,
    edit_rev: int | None = None,
    edit_words: Mapping[str, str] | None = None,
    view: dict[str, Any] | None = None,
    place: str = "",
    selected: Sequence[str] = (),
    lang: str = "zh",
    height: int = 560,
    key: str = "map",
) -> MapAnswer:
    """Show a map, and let shapes be drawn on it.

    Parameters
    ----------
    layers : sequence of MapLayer
        From the lowest to the topmost; a layer is sent anew only when its `rev` changed.
    edit : dict, optional
        FeatureCollection of shapes to be edited.
    edit_rev : int, optional
        Given: drawing tools are shown; when it changes, the map takes `edit` in place of its own.
    edit_words : mapping, optional
        ``name`` and ``note`` of the edited shapes in the legend.
    view : dict, optional
        ``center`` (lat, lon) and ``zoom``; by default all layers are shown.
    place : str
        Names what is looked at: when it changes, the map looks at all of it; else it stays where
        the person left it, also after a visit to another page.
    selected : sequence of str
        Ids of features to be marked.
    lang : str
        ``zh`` or ``en``.
    height : int
        Pixels, the legend below the map included.
    key : str
        Tells maps apart.
    """
    payload = {
        "layers": [_sent(layer, key) for layer in layers],
        "editable": edit_rev is not None,
        "edit": edit,
        "edit_rev": edit_rev or 0,
        "edit_words": dict(edit_words or {}),
        "view": view,
        "place": place,
        "key": key,
        "selected": [str(one) for one in selected],
        "lang": lang,
        "height": height,
        "background": current_background(),
    }
    answer = _component()(
        data=payload,
        key=key,
        height=height,
        default={"drawings": None},
        on_drawings_change=_nothing,
        on_click_change=_nothing,
    )
    return MapAnswer(drawings=answer.drawings, click=answer.click)


def _nothing() -> None:
    """Let Streamlit know that the value is wanted; the page reads it when it runs."""


def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "parkplan.map", js="index.js", css="index.css", html=_HTML, isolate_styles=False
    )


def _sent(layer: MapLayer, key: str) -> dict[str, Any]:
    """Return a layer as the browser gets it: bulk data go behind an address, not into the message."""
    sent = layer.to_json()
    if layer.packed is not None:
        sent["url"] = _address(layer.packed, "application/octet-stream", f"{key}/{layer.id}")
        if layer.names_json is not None:
            sent["names_url"] = _address(layer.names_json, "application/json", f"{key}/{layer.id}/names")
    return sent


def _address(content: bytes, mime: str, place: str) -> str:
    """Path of a file that this session's browser may fetch; must be asked for on each run."""
    if not exists():  # outside a server, as in AppTest
        return ""
    return get_instance().media_file_mgr.add(content, mime, place)
