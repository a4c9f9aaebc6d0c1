"""What lies below the maps: nothing from elsewhere, unless a person chooses a source of tiles.

The choice is one person's, for this visit; it is part of no project and of no file that is taken away.
The reader's browser asks the source, never this server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from geo.errors import N_, UsageError
from ui.messages import plain, show_error
from ui.words import _

__all__ = ["SOURCES", "Source", "background_setting", "current_background", "tile_source"]

NONE, OWN = "none", "own"
_STATE = "background"
_REVIEWED = N_("map review number {number}")
_NOT_REVIEWED = N_("not a reviewed map")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A public source of tiles in the Web Mercator scheme.

    Attributes
    ----------
    title, attribution : str
        Message templates.
    urls : tuple of str
        Layers from the lowest on, with ``{z}``, ``{x}``, ``{y}``, ``{s}`` and ``{key}``.
    subdomains : str
        Letters or digits that take the place of ``{s}``.
    shifted : bool
        Whether the tiles are in GCJ-02; they are then moved, never the data.
    max_zoom : int
        Finest level that there is.
    """

    title: str
    attribution: str
    urls: tuple[str, ...]
    subdomains: str = ""
    shifted: bool = False
    max_zoom: int = 18


_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
)
SOURCES: Mapping[str, Source] = {
    "tianditu": Source(
        title=N_("Tianditu (with your own key)"),
        attribution=N_("© Tianditu, National Platform for Common Geospatial Information Services"),
        urls=(_TIANDITU.format(layer="vec"), _TIANDITU.format(layer="cva")),
        subdomains="01234567",
    ),
    "osm": Source(
        title=N_("OpenStreetMap"),
        attribution=N_("© OpenStreetMap contributors (ODbL)"),
        urls=("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        max_zoom=19,
    ),
    "amap": Source(
        title=N_("Amap (GCJ-02, moved into place)"),
        attribution=N_("© Amap"),
        urls=(
            "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}",
        ),
        subdomains="1234",
        shifted=True,
    ),
}
"""Name → source; addresses as published by the providers."""
_TITLES = {
    NONE: N_("None: graticule and built-in layers"),
    **{name: source.title for name, source in SOURCES.items()},
    OWN: N_("An address of your own (intranet XYZ or WMTS)"),
}
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
_PLACES = {
    "tilematrix": "z", "tilerow": "y", "tilecol": "x", "z": "z", "y": "y", "x": "x", "-y": "-y", "level": "z",
    "row": "y", "col": "x",
}  # fmt: skip
_PLACE = re.compile(r"\{([^{}]*)\}")
_STRANGE = re.compile(r"[\s\"'<>\\^`|]")


def tile_source(choice: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the map is told of the source that a person chose.

    Parameters
    ----------
    choice : mapping
        ``name`` (``none``, a key of `SOURCES`, or ``own``), ``key``, ``address``, ``credit`` (whose
        tiles they are), ``number`` (of the map's review), ``shifted``.

    Returns
    -------
    dict or None
        urls, subdomains, shifted, minZoom, maxZoom, attribution; None for no background.

    Raises
    ------
    UsageError
        If a key or an address is none.
    """
    name = choice.get("name", NONE)
    if name == NONE:
        return None
    urls: tuple[str, ...]
    if name == OWN:
        address = str(choice.get("address", "")).strip()
        if not address:
            return None
        urls, subdomains, max_zoom = (_own_address(address),), "", 22
        shifted = bool(choice.get("shifted"))
        credit = str(choice.get("credit", "")).strip() or str(urlsplit(urls[0]).hostname)
    else:
        source = SOURCES[name]
        urls, subdomains, max_zoom = source.urls, source.subdomains, source.max_zoom
        shifted, credit = source.shifted, _(source.attribution)
        if any("{key}" in url for url in urls):
            key = str(choice.get("key", "")).strip()
            if not key:
                return None
            if not _KEY.fullmatch(key):
                raise UsageError(
                    N_("this is no key of Tianditu"), hint=N_("it has 32 letters and digits"), where="key"
                )
            urls = tuple(url.replace("{key}", key) for url in urls)
    number = str(choice.get("number", "")).strip()
    reviewed = _(_REVIEWED, number=number) if number else _(_NOT_REVIEWED)
    return {
        "urls": list(urls),
        "subdomains": subdomains,
        "shifted": shifted,
        "minZoom": 3 if shifted else 0,
        "maxZoom": max_zoom,
        "attribution": f"{credit} · {reviewed}",
    }


def current_background() -> dict[str, Any] | None:
    """What lies below the maps of this visit."""
    try:
        return tile_source(st.session_state.get(_STATE, {}))
    except UsageError:  # the form says so
        return None


def background_setting() -> None:
    """Show the choice in the sidebar."""
    choice: dict[str, Any] = st.session_state.setdefault(_STATE, {"name": NONE})
    with st.sidebar.expander(_("Map background"), icon=":material/layers:"):
        names = list(_TITLES)
        choice["name"] = st.selectbox(
            _("Map background"),
            names,
            index=names.index(choice["name"]),
            format_func=lambda name: _(_TITLES[name]),
            label_visibility="collapsed",
            key="background_name",
        )
        if choice["name"] == NONE:
            st.caption(_("Nothing is asked of any other machine."))
            return
        if choice["name"] == OWN:
            _field(choice, "address", _("Address of the tiles"), "http://10.0.0.8/{z}/{x}/{y}.png")
            _field(choice, "credit", _("Whose map it is"))
            choice["shifted"] = st.checkbox(
                _("The tiles are in GCJ-02"), bool(choice.get("shifted")), key="background_shifted"
            )
        elif any("{key}" in url for url in SOURCES[choice["name"]].urls):
            _field(choice, "key", _("Key of Tianditu"), secret=True)
        _field(choice, "number", _("Map review number (审图号)"), "GS(…)…")
        _say(choice)


def _field(
    choice: dict[str, Any], name: str, label: str, placeholder: str = "", *, secret: bool = False
) -> None:
    """Let a text be typed; it is kept while another source is chosen."""
    choice[name] = st.text_input(
        label,
        choice.get(name, ""),
        placeholder=placeholder,
        max_chars=500,
        type="password" if secret else "default",
        autocomplete="off",
        key=f"background_{name}",
    )


def _say(choice: Mapping[str, Any]) -> None:
    """Say what the choice means, or what it lacks."""
    try:
        source = tile_source(choice)
    except UsageError as error:
        show_error(error)
        return
    if source is None:
        st.caption(_("Nothing is asked before this is filled in."))
        return
    host = str(urlsplit(source["urls"][0].replace("{s}", source["subdomains"][:1])).hostname)
    said = _("Your browser asks {host} for pictures and so tells it where you look.", host=host)
    st.caption(plain(said))
    st.caption(_("Files that you take away hold no tiles, and their coordinates stay as they are."))


def _own_address(text: str) -> str:
    """Return an address of tiles in our way of writing, or say what is wrong with it."""
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or _STRANGE.search(text)
        or "{" in parts.netloc
    ):
        raise UsageError(
            N_("this is no address of tiles"),
            hint=N_("for example http://10.0.0.8/{{z}}/{{x}}/{{y}}.png"),
            where="address",
        )
    named = {place: _PLACES.get(place.casefold()) for place in _PLACE.findall(text)}
    found = {place for place in named.values() if place}
    if None in named.values() or not ({"z", "x"} <= found and found & {"y", "-y"}):
        raise UsageError(
            N_("the address needs places for level, column and row"),
            hint=N_(
                "write {{z}}, {{x}} and {{y}} (or {{-y}} where rows are counted from the south), or the "
                "{{TileMatrix}}, {{TileCol}} and {{TileRow}} of WMTS; the tiles must be in Web Mercator"
            ),
            where="address",
        )
    return _PLACE.sub(lambda place: f"{{{named[place[1]]}}}", text)
