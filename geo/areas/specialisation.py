"""Krugman's specialisation of areas, in its two conventions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geo.areas.quotient import location_quotients
from geo.errors import InfeasibleError

__all__ = ["Specialisation", "krugman_specialisation"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Specialisation:
    """K of each area.

    Attributes
    ----------
    values : Series by area
        0 (the mix of the others) to 2 (nothing in common); ``nan`` is unknown.
    unknown : mapping of area to InfeasibleError
        Why.
    versus : {"rest", "whole"}
    """

    values: pd.Series
    unknown: Mapping[str, InfeasibleError]
    versus: Literal["rest", "whole"]


def krugman_specialisation(
    sizes: pd.DataFrame, *, versus: Literal["rest", "whole"] = "rest"
) -> Specialisation:
    """Compute K_r = Σ_i |s_ir − s_i|, s_ir the share of industry i in area r.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries)
        The columns make up the whole economy.
    versus : {"rest", "whole"}
        s_i of all other areas, or of all areas, this one too. The second is smaller, most of all for
        large areas; do not compare the two.

    Raises
    ------
    InfeasibleError
        With fewer than 2 areas; on negative sizes or labels that come twice.

    References
    ----------
    Krugman, P. (1991). Geography and Trade, appendix D. MIT Press.
    """
    compared = location_quotients(sizes, reference_name=versus, includes_area=versus == "whole")
    own, other = compared.sizes.to_numpy(), compared.reference.to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        here = own / own.sum(axis=1, keepdims=True)
        there = other / other.sum(axis=1, keepdims=True)
    values = pd.Series(np.abs(here - there).sum(axis=1), index=compared.sizes.index)
    unknown = {}
    for area in values.index[values.isna()]:
        reasons = (compared.why(area, industry) for industry in compared.sizes.columns)
        unknown[area] = next(reason for reason in reasons if reason is not None)
    return Specialisation(values=values, unknown=unknown, versus=versus)
