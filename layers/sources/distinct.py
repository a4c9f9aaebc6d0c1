"""Columns of text as Arrow has them: a million cells are read a few thousand times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["as_arrow", "distinct", "numbered"]


def as_arrow(text: pd.Series) -> pa.Array:
    """Return a column as one array of text; missing cells are empty."""
    array = pa.array(text, type=pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        array = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    return pc.fill_null(array, "") if array.null_count else array


def numbered(array: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """Number the different texts of an array in the order in which they come.

    Returns
    -------
    codes : ndarray of n int
    texts : Array
        Of each number.
    """
    encoded = array.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def distinct(text: pd.Series) -> tuple[NDArray[np.int64], pd.Series]:
    """Number the different texts of a column, so that each is read once.

    Returns
    -------
    codes : ndarray of n int
    texts : Series of str
        Of each number; missing cells are empty.
    """
    codes, texts = numbered(as_arrow(text))
    return codes, pd.Series(texts.to_pylist(), dtype=object)
