"""The rows of a table while they are being checked: a reason or flags for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Rows"]

_MOST_FLAGS = 63
_SHOWN_COLUMNS, _SHOWN_CHARACTERS, _ORIGINAL_CHARACTERS = 12, 80, 500


@dataclass(slots=True, kw_only=True)
class Rows:
    """n rows: their source, and what has been found out about each so far.

    Reasons and flags are kept as numbers, one a row: a table has a million of them.

    Attributes
    ----------
    source : DataFrame
        Columns of the file as text.
    source_row : ndarray of shape (n,)
    shapes : ndarray of shape (n,), geometries
    lon, lat : ndarray of shape (n,)
        Degrees, WGS 84; NaN until known.
    added : dict of str to ndarray of shape (n,)
        Columns of text that checks add to those of the file.
    """

    source: pd.DataFrame
    source_row: NDArray[np.int64]
    shapes: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    added: dict[str, NDArray[np.object_]] = field(default_factory=dict)
    _reason: NDArray[np.int16]
    _blamed: NDArray[np.int16]
    _noticed: NDArray[np.uint64]
    _names: list[str] = field(default_factory=lambda: [""])
    _flag_names: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, source: pd.DataFrame, source_row: NDArray[np.int64]) -> Rows:
        """Start with rows of which nothing is known yet."""
        count = len(source_row)
        return cls(
            source=source,
            source_row=source_row,
            shapes=np.full(count, None, dtype=object),
            lon=np.full(count, np.nan),
            lat=np.full(count, np.nan),
            _reason=np.zeros(count, dtype=np.int16),
            _blamed=np.zeros(count, dtype=np.int16),
            _noticed=np.zeros(count, dtype=np.uint64),
        )

    def __len__(self) -> int:
        return len(self.source_row)

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which rows have no reason against them; a new array."""
        return np.asarray(self._reason == 0)

    @property
    def code(self) -> NDArray[np.object_]:
        """Reason of rejection of each row, empty while it is good; a new array."""
        return np.array(self._names, dtype=object)[self._reason]

    @property
    def column(self) -> NDArray[np.object_]:
        """The column that each rejection is about; a new array."""
        return np.array(self._names, dtype=object)[self._blamed]

    def at(self, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Mask of the rows at some places."""
        mask = np.zeros(len(self), dtype=bool)
        mask[places] = True
        return mask

    def reject(self, where: NDArray[np.bool_], code: str, column: str = "") -> None:
        """Give rows a reason; a row keeps its first."""
        hit = where & (self._reason == 0)
        if hit.any():
            self._reason[hit] = self._number(code)
            self._blamed[hit] = self._number(column)

    def take_back(self, places: NDArray[np.int64]) -> None:
        """Forget the reason against rows, because what was missing has been found."""
        self._reason[places] = 0
        self._blamed[places] = 0

    def flag(self, where: NDArray[np.bool_], code: str) -> None:
        """Notice something about rows that are kept."""
        self._noticed[where & (self._reason == 0)] |= self._bit(code)

    def flagged(self, code: str) -> NDArray[np.bool_]:
        """Which rows carry a flag."""
        return np.asarray((self._noticed & self._bit(code)) != 0)

    def flag_counts(self) -> dict[str, int]:
        """Flag → number of good rows that carry it."""
        good = self.good
        counts = {code: int((self.flagged(code) & good).sum()) for code in self._flag_names}
        return {code: count for code, count in counts.items() if count}

    def flag_texts(self, where: NDArray[np.bool_]) -> NDArray[np.object_]:
        """Flags of some rows in alphabetical order, a semicolon between."""
        masks, own = np.unique(self._noticed[where], return_inverse=True)
        texts = [
            ";".join(sorted(code for code in self._flag_names if int(mask) & int(self._bit(code))))
            for mask in masks
        ]
        return np.array(texts, dtype=object)[own]

    def preview(self, where: NDArray[np.bool_]) -> list[dict[str, Any]]:
        """Return the first rows as a person would look at them."""
        shown = self.source.iloc[np.flatnonzero(where)[:5]][list(self.source.columns[:_SHOWN_COLUMNS])]
        return [
            {str(key): str(value)[:_SHOWN_CHARACTERS] for key, value in row.items()}
            for row in shown.to_dict("records")
        ]

    def originals(self, places: NDArray[np.int64]) -> list[str]:
        """Text of some rows as they stood in the file, shortened."""
        if not len(places) or not len(self.source.columns):
            return [""] * len(places)
        chosen = self.source.iloc[places]
        cells: Sequence[pa.Array] = [
            pa.array(chosen.iloc[:, place].astype(str), pa.large_string()) for place in range(chosen.shape[1])
        ]
        comma = pa.scalar(",", pa.large_string())
        joined = pc.binary_join_element_wise(*cells, comma)
        short: list[str] = pc.utf8_slice_codeunits(joined, 0, _ORIGINAL_CHARACTERS).to_pylist()
        return short

    def _number(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _bit(self, code: str) -> np.uint64:
        if code not in self._flag_names:
            assert len(self._flag_names) < _MOST_FLAGS
            self._flag_names.append(code)
        return np.uint64(1 << self._flag_names.index(code))
