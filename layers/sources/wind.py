"""Wind roses: from where the wind comes, how often, how fast."""

from __future__ import annotations

import numpy as np

from geo.errors import N_, SchemaError
from layers.sources.cells import parse_numbers
from layers.sources.checked import Rows
from layers.sources.columns import plain_name

__all__ = ["read_wind"]

_COLUMNS = {
    "direction_deg": (
        "directiondeg",
        "direction",
        "winddirection",
        "dir",
        "wd",
        "风向",
        "方位",
        "方向",
        "风向方位",
    ),
    "frequency": ("frequency", "freq", "share", "频率", "风频", "风向频率", "出现频率"),
    "speed_m_s": ("speedms", "speed", "windspeed", "meanspeed", "ws", "风速", "平均风速", "年平均风速"),
}
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_LETTERS = str.maketrans("北东南西", "NESW")
_CALM = {"C", "CALM", "静风", "静"}


def read_wind(rows: Rows, name: str) -> None:
    """Read the rows of a wind rose; what is no direction, share or speed is rejected.

    Parameters
    ----------
    rows : Rows
        Gets ``direction_deg`` (from where, 0 to 360; empty where it is calm), ``frequency`` and
        ``speed_m_s`` as columns of numbers in text.
    name : str
        Of the file, for messages.

    Raises
    ------
    SchemaError
        If one of the three columns is missing.

    Notes
    -----
    Directions may be degrees or points of the compass (NNE, 北东北, 东北). Frequencies are taken as
    written: shares of 1 or of 100. O(n).
    """
    plain = {plain_name(str(column)): str(column) for column in reversed(rows.source.columns)}
    found = {
        target: next((plain[one] for one in names if one in plain), "") for target, names in _COLUMNS.items()
    }
    missing = [target for target, column in found.items() if not column]
    if missing:
        raise SchemaError(
            N_("“{name}” lacks {columns}: a wind rose has a direction, a frequency and a speed in each row"),
            hint=N_("call the columns {wanted}"),
            where=name,
            code="NO_COLUMN",
            name=name,
            columns=", ".join(missing),
            wanted=", ".join(_COLUMNS),
        )
    words = rows.source[found["direction_deg"]].astype(str).str.normalize("NFKC").str.strip().str.upper()
    calm = words.isin(_CALM).to_numpy(dtype=bool)
    degrees = {point: str(22.5 * place).removesuffix(".0") for place, point in enumerate(_POINTS)}
    letters = words.str.replace(r"[风方向]+$", "", regex=True).str.translate(_LETTERS)
    # 东北 is NE, 北东北 is NNE: Chinese names the main side last.
    turned = letters.where(~letters.isin(["EN", "WN", "ES", "WS"]), letters.str[::-1])
    turned = turned.replace(
        {
            "NEN": "NNE",
            "EEN": "ENE",
            "EES": "ESE",
            "SES": "SSE",
            "SWS": "SSW",
            "WWS": "WSW",
            "WWN": "WNW",
            "NWN": "NNW",
        }
    )
    texts = {"direction_deg": turned.map(degrees).fillna(words).where(~calm, "0")}
    texts |= {target: rows.source[found[target]].astype(str) for target in ("frequency", "speed_m_s")}
    for target, cells in texts.items():
        values, _ = parse_numbers(cells.str.replace(r"[%％]\s*$", "", regex=True))
        most = 360.0 if target == "direction_deg" else 100.0
        rows.reject(~((values >= 0) & (values <= most)), "BAD_WIND", found[target])  # NaN is neither
        written = np.array([format(value, ".10g") for value in values], dtype=object)
        rows.added[target] = np.where(calm & (target == "direction_deg"), "", written)
