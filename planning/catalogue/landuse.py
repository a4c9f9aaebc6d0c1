"""Land-use codes with names and colours: 用地用海 2023 and GB 50137-2011."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass

from data import CATALOGUES
from geo.errors import N_, UsageError, nearest_name

__all__ = ["LandUseCode", "landuse", "landuse_codes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LandUseCode:
    """One class of land use.

    Attributes
    ----------
    code, system : str
        ``100102`` of MNR-2023-234, ``M2`` of GB50137-2011, or a local code.
    name_zh, name_en : str
        The English name is empty where no template uses the code.
    colour : str
        ``#RRGGBB``.
    colour_source : str
        Official, inherited from the parent class, or a suggestion.
    gb : str
        Class of GB 50137-2011 that it goes to.
    """

    code: str
    system: str
    name_zh: str
    name_en: str
    colour: str
    colour_source: str
    gb: str


@functools.cache
def landuse_codes() -> dict[str, LandUseCode]:
    """Code → class, of both systems and the local codes."""
    with (CATALOGUES / "landuse_codes.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["code"]: LandUseCode(
                code=row["code"],
                system=row["system"],
                name_zh=row["name_zh"].partition(":")[0],
                name_en=row["name_en"] or row["name_zh"],
                colour=row["hex"] or "#CCCCCC",
                colour_source=row["colour_source"],
                gb=row["gb"],
            )
            for row in csv.DictReader(stream)
        }


def landuse(code: str) -> LandUseCode:
    """Return one class.

    Raises
    ------
    UsageError
        If the code is unknown; the nearest one is told.
    """
    codes = landuse_codes()
    if code not in codes:
        near = nearest_name(code, list(codes))
        raise UsageError(
            N_("unknown land-use code “{wanted}”"),
            hint=N_("did you mean “{near}”?") if near else N_("see data/catalogues/landuse_codes.csv"),
            where=code,
            wanted=code,
            near=near,
        )
    return codes[code]
