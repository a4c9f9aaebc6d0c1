"""Firms that stand in a table twice: the same row, identifier, credit code, or name at one place.

Numbering a million names and identifiers is Arrow's work, which leaves Python's lock alone: it is begun
before positions are checked, and goes on beside that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import N_
from layers.sources.checked import Rows
from layers.sources.distinct import as_arrow, numbered
from layers.sources.registry import credit_codes_hold, names_nothing, plain_credit_codes
from layers.sources.same_place import sharing_rows

__all__ = ["NEAR_M", "REASONS", "Keys", "find_duplicates", "find_repeats", "plain_firm_names"]

NEAR_M = 200.0
"""Firms of one name this close are taken for one."""
REASONS: Mapping[str, str] = {
    "row": N_("the whole row is the same"),
    "id": N_("the same identifier"),
    "credit_code": N_("the same credit code"),
    "name": N_("the same name within 200 m"),
}
"""Why rows are held to be one firm, the surest first."""
_MANY = 50
_SIGNS = r"[\s\p{P}\p{S}]"
_LEFT_OUT = (
    "(?:股份有限责任公司|股份有限公司|有限责任公司|有限公司|股份公司|公司"
    rf"|{_SIGNS}+co{_SIGNS}*ltd|{_SIGNS}+company{_SIGNS}*limited|{_SIGNS}+ltd|{_SIGNS}+inc){_SIGNS}*$|{_SIGNS}+"
)
_WIDE = r"[\x{2460}-\x{24FF}\x{3000}\x{3200}-\x{33FF}\x{F900}-\x{FFEF}]"
"""Letters that stand for simpler ones: full-width, in a circle or bracket, of compatibility."""


class Keys:
    """What rows are compared by, a number for each different text of a column.

    Parameters
    ----------
    source : DataFrame of n rows of text
    roles : mapping of str to str
        Role → column; those numbered are id and name.
    """

    def __init__(self, source: pd.DataFrame, roles: Mapping[str, str]) -> None:
        ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parkplan-keys")
        self._found: dict[str, Future[tuple[NDArray[np.int64], pa.Array]]] = {}
        for role, plain in (("id", _plain_identifiers), ("name", _plain_names)):
            if role in roles:
                self._found[role] = ahead.submit(_number, plain, source[roles[role]])
        ahead.shutdown(wait=False)

    def __contains__(self, role: str) -> bool:
        return role in self._found

    def of(self, role: str) -> tuple[NDArray[np.int64], pa.Array]:
        """Number of each row, and the text of each number; waits until they are there."""
        return self._found[role].result()


def find_duplicates(rows: Rows, roles: Mapping[str, str], keys: Keys) -> pd.DataFrame:
    """Group rows that seem to be one firm; nothing is dropped.

    Parameters
    ----------
    rows : Rows
        With lon and lat; rejected rows are passed over. What repeats an earlier row or identifier is
        flagged DUPLICATE already.
    roles : mapping of str to str
        Role → column; those looked at are id, credit_code, name.
    keys : Keys
        Of these rows.

    Returns
    -------
    DataFrame
        ``group`` (from 1, in the order of the table), ``place`` (of the row in `rows`), ``reason``
        (the surest, a key of `REASONS`); the first row of a group stands first.

    Notes
    -----
    Relations are transitive. A name that more than fifty rows share is a chain's or a placeholder
    (个体户, 无): its rows are not compared by name. Distances are straight through the ellipsoid, at
    200 m the same as along it. O(n log n).
    """
    places = np.flatnonzero(rows.good)
    links: list[tuple[str, NDArray[np.int64]]] = []
    if rows.flagged("DUPLICATE").any():
        links.append(("row", _by_row(rows, places)))
        if "id" in keys:
            links.append(("id", _by_identifier(keys, places)))
    if "credit_code" in roles:
        links.append(("credit_code", _by_credit_code(rows.source[roles["credit_code"]], places)))
    if "name" in keys:
        links.append(("name", _by_name(rows, keys, places)))
    pairs = np.concatenate([pair for _, pair in links]) if links else np.empty((0, 2), dtype=np.int64)
    if not len(pairs):
        return pd.DataFrame({"group": [], "place": [], "reason": []}).astype({"group": int, "place": int})
    members, ends = np.unique(pairs, return_inverse=True)
    ends = ends.reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(members), len(members)))
    labels = connected_components(graph, directed=False)[1]
    # Members ascend, so a group is numbered by where its first row stands.
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    reason = np.full(len(members), "name", dtype=object)
    for name, pair in reversed(links):
        reason[np.searchsorted(members, np.unique(pair))] = name
    table = pd.DataFrame({"group": order[group] + 1, "place": members, "reason": reason})
    return table.sort_values(["group", "place"], ignore_index=True)


def find_repeats(rows: Rows, keys: Keys) -> NDArray[np.int64]:
    """Places of good rows that are the same as an earlier good one in every cell, or in their identifier.

    Parameters
    ----------
    rows : Rows
    keys : Keys
        Of these rows.

    Notes
    -----
    O(n log n): all cells are compared only of rows that share their place with another.
    """
    places = np.flatnonzero(rows.good)
    pairs = [_by_row(rows, places)]
    if "id" in keys:
        pairs.append(_by_identifier(keys, places))
    return np.unique(np.concatenate(pairs)[:, 1])


def plain_firm_names(names: pd.Series) -> pd.Series:
    """Names without what two spellings of one firm differ in.

    Full-width letters, case, blanks, punctuation, brackets and the legal form at the end
    (有限公司, 有限责任公司, 股份有限公司) are left out. O(n).
    """
    return pd.Series(_plain_names(names).to_pylist(), index=names.index, dtype=object)


def _plain_names(names: pd.Series) -> pa.Array:
    text = as_arrow(names)
    wide = pc.match_substring_regex(text, pattern=_WIDE)
    if pc.any(wide).as_py():
        text = pc.if_else(wide, pc.utf8_normalize(text, form="NFKC"), text)
    text = pc.utf8_lower(text)
    return pc.replace_substring_regex(text, pattern=_LEFT_OUT, replacement="")


def _by_row(rows: Rows, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of rows that are the same in every cell; only those that share their place are compared."""
    shared = places[sharing_rows(rows.lon[places], rows.lat[places])]
    keys = np.zeros(len(shared), dtype=np.int64)
    cells = [rows.source.iloc[shared, column].to_numpy() for column in range(rows.source.shape[1])]
    for values in [rows.lon[shared], rows.lat[shared], *cells]:
        codes, unique = pd.factorize(values)
        keys = pd.factorize(keys * (len(unique) + 1) + codes)[0]
    return _by_value(keys, shared)


def _number(plain: Callable[[pd.Series], pa.Array], column: pd.Series) -> tuple[NDArray[np.int64], pa.Array]:
    return numbered(plain(column))


def _plain_identifiers(identifiers: pd.Series) -> pa.Array:
    return pc.utf8_trim_whitespace(as_arrow(identifiers))


def _by_identifier(keys: Keys, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of places with one identifier; blanks, dashes and shortened numbers join nobody."""
    codes, texts = keys.of("id")
    codes = codes[places]
    several = np.flatnonzero(np.bincount(codes, minlength=len(texts)) > 1)
    nobody = several[names_nothing(texts.take(pa.array(several)))]
    return _by_value(np.where(np.isin(codes, nobody), -1, codes), places)


def _by_credit_code(text: pd.Series, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of places with one code; a code whose check sign does not fit joins nobody."""
    codes, _ = numbered(plain_credit_codes(text.iloc[places]))
    several = np.flatnonzero(np.bincount(codes)[codes] > 1) if len(codes) else codes
    right = credit_codes_hold(text.iloc[places[several]])[1]
    return _by_value(codes[several[right]], places[several[right]])


def _by_value(keys: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs (first, later) of places whose keys are equal; −1 equals nothing."""
    used = np.flatnonzero(keys >= 0)
    order = used[np.argsort(keys[used], kind="stable")]
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    return np.column_stack([places[order[same]], places[order[same + 1]]]).astype(np.int64)


def _by_name(rows: Rows, keys: Keys, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of places whose names are one and that lie near each other."""
    codes, texts = keys.of("name")
    codes = codes[places]
    counts = np.bincount(codes, minlength=len(texts))
    several = (counts > 1) & (counts <= _MANY) & (pc.binary_length(texts).to_numpy(zero_copy_only=False) > 0)
    some = np.flatnonzero(several[codes] & np.isfinite(rows.lon[places]) & np.isfinite(rows.lat[places]))
    some = some[np.argsort(codes[some], kind="stable")]
    names, xyz = codes[some], _earth_centred(rows.lon[places[some]], rows.lat[places[some]])
    pairs = []
    # Rows of one name stand together: each is compared with those up to fifty behind it.
    left = np.arange(len(some))
    for step in range(1, _MANY):
        left = left[left + step < len(some)]
        left = left[names[left] == names[left + step]]
        if not len(left):
            break
        near = ((xyz[left] - xyz[left + step]) ** 2).sum(axis=1) <= NEAR_M**2
        pairs.append(np.column_stack([some[left[near]], some[left[near] + step]]))
    found = np.concatenate(pairs) if pairs else np.empty((0, 2), dtype=np.int64)
    return np.sort(places[found], axis=1).astype(np.int64)


def _earth_centred(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from the earth's centre, on the ellipsoid of WGS 84."""
    a, e2 = 6_378_137.0, 0.006_694_379_990_14
    east, north = np.radians(lon), np.radians(lat)
    normal = a / np.sqrt(1 - e2 * np.sin(north) ** 2)
    return np.column_stack(
        [
            normal * np.cos(north) * np.cos(east),
            normal * np.cos(north) * np.sin(east),
            normal * (1 - e2) * np.sin(north),
        ]
    )
