"""Location quotients: an industry's share in an area over its share in a named reference."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.areas.sizes import as_table, one_area
from geo.errors import N_, InfeasibleError

__all__ = ["LocationQuotients", "location_quotients"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocationQuotients:
    """Quotients with the sizes they stand on: tiny areas give large quotients.

    Attributes
    ----------
    values : DataFrame of shape (areas, industries)
        ``nan`` is unknown; `why` says the reason.
    sizes : DataFrame of shape (areas, industries)
    reference : DataFrame of shape (areas, industries)
        What each area was compared with.
    reference_name : str
    includes_area : bool
        Whether the reference holds the area itself.
    """

    values: pd.DataFrame
    sizes: pd.DataFrame
    reference: pd.DataFrame
    reference_name: str
    includes_area: bool

    def why(self, area: Hashable, industry: Hashable) -> InfeasibleError | None:
        """Return why a quotient is unknown; None where it is known."""
        if np.isfinite(self.values.loc[area, industry]):
            return None
        own, other = self.sizes.loc[area], self.reference.loc[area]
        if own.isna().any():
            message = N_("sizes in “{area}” are unknown, so its shares are")
        elif other.isna().any():
            message = N_("sizes in the reference of “{area}” are unknown, so its shares are")
        elif not own.sum() > 0:
            message = N_("nothing of any industry is recorded in “{area}”")
        else:
            message = N_("the reference of “{area}” holds nothing of “{industry}”")
        return InfeasibleError(
            message,
            hint=N_("complete the table, or choose another reference"),
            area=str(area),
            industry=str(industry),
        )


def location_quotients(
    sizes: pd.DataFrame,
    *,
    reference_name: str,
    reference: pd.Series | None = None,
    includes_area: bool = True,
) -> LocationQuotients:
    """Compute LQ_ir = (E_ir / E_r) / (E_i / E) for each area r and industry i.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries)
        E: firms or staff. The columns make up the whole economy, an “other” among them, because
        their sum is E_r.
    reference_name : str
        What the areas are compared with, for people; kept with the result.
    reference : Series by industry, optional
        E_i of a given reference, such as the province; None: the areas of the table.
    includes_area : bool
        With None: compare with all areas, or with all others. With a reference: whether it holds the area.

    Raises
    ------
    InfeasibleError
        With a single area and no reference of its own; on negative sizes or labels that come twice.

    Notes
    -----
    Against all areas the mean of an industry's quotients, weighted by E_r, is 1. O(areas · industries).

    References
    ----------
    Florence, P. S. (1939). Report on the location of industry. Political and Economic Planning.
    """
    own = as_table(sizes, areas=1)
    if reference is not None:
        given = as_table(reference.reindex(own.columns).to_frame().T, areas=1).to_numpy()
        other = np.broadcast_to(given, own.shape)
    elif len(own) < 2:
        raise one_area(len(own))
    else:
        total = own.to_numpy().sum(axis=0)
        other = np.broadcast_to(total, own.shape) if includes_area else _others(own.to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        here = own.to_numpy() / own.to_numpy().sum(axis=1, keepdims=True)
        there = other / other.sum(axis=1, keepdims=True)
        values = here / there
    values[~np.isfinite(values)] = np.nan
    return LocationQuotients(
        values=pd.DataFrame(values, index=own.index, columns=own.columns),
        sizes=own,
        reference=pd.DataFrame(np.array(other), index=own.index, columns=own.columns),
        reference_name=reference_name,
        includes_area=includes_area,
    )


def _others(own: np.ndarray) -> np.ndarray:
    """Sum of all other rows; by sums from both ends, as a difference would leave a residue for 0."""
    before = np.vstack([np.zeros(own.shape[1]), np.cumsum(own, axis=0)[:-1]])
    after = np.vstack([np.cumsum(own[::-1], axis=0)[::-1][1:], np.zeros(own.shape[1])])
    return np.asarray(before + after)
