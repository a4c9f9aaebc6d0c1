"""The rows of a table while they are being checked: a reason or flags for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Rows"]


@dataclass(slots=True, kw_only=True)
class Rows:
    """n rows: their source, and what has been found out about each so far.

    Attributes
    ----------
    source : DataFrame
        Columns of the file as text.
    source_row : ndarray of shape (n,)
    code, column : ndarray of shape (n,), str
        Reason of rejection and the column that it is about; empty while a row is good.
    flags : list of n set of str
        What was noticed about rows that are kept.
    shapes : ndarray of shape (n,), geometries
    lon, lat : ndarray of shape (n,)
        Degrees, WGS 84; NaN until known.
    """

    source: pd.DataFrame
    source_row: NDArray[np.int64]
    code: NDArray[np.object_]
    column: NDArray[np.object_]
    flags: list[set[str]]
    shapes: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    @classmethod
    def of(cls, source: pd.DataFrame, source_row: NDArray[np.int64]) -> Rows:
        """Start with rows of which nothing is known yet."""
        count = len(source_row)
        return cls(
            source=source,
            source_row=source_row,
            code=np.full(count, "", dtype=object),
            column=np.full(count, "", dtype=object),
            flags=[set() for _ in range(count)],
            shapes=np.full(count, None, dtype=object),
            lon=np.full(count, np.nan),
            lat=np.full(count, np.nan),
        )

    def reject(self, where: NDArray[np.bool_], code: str, column: str = "") -> None:
        """Give rows a reason; a row keeps its first."""
        hit = where & (self.code == "")
        self.code[hit] = code
        self.column[hit] = column

    def flag(self, where: NDArray[np.bool_], code: str) -> None:
        """Notice something about rows that are kept."""
        for place in np.flatnonzero(where & (self.code == "")):
            self.flags[place].add(code)

    def preview(self, where: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Return the first rows as a person would look at them."""
        shown = self.source.loc[where, self.source.columns[:12]].head(5)
        return [{str(key): str(value)[:80] for key, value in row.items()} for row in shown.to_dict("records")]

    def original(self, place: int) -> str:
        """Text of a row as it stood in the file, shortened."""
        return ",".join(map(str, self.source.iloc[place].tolist()))[:500]
