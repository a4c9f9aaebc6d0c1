"""Rows that share their place with another, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["sharing_rows"]

_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)


def sharing_rows(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.intp]:
    """Positions of the rows whose longitude and latitude another row has as well.

    Parameters
    ----------
    lon, lat : ndarray of shape (n,)

    Returns
    -------
    ndarray of int, ascending

    Notes
    -----
    One number made of both coordinates finds nearly all rows that share nothing; the few that are left
    are compared in earnest. O(n).
    """
    with np.errstate(over="ignore"):  # +0.0: minus nought is nought
        mixed = (lon + 0.0).view(np.uint64) * _ODD + (lat + 0.0).view(np.uint64)
    some = np.flatnonzero(pd.Series(mixed).duplicated(keep=False))
    again = pd.DataFrame({"lon": lon[some], "lat": lat[some]}).duplicated(keep=False)
    return np.asarray(some[again.to_numpy()])
