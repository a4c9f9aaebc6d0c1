"""What a business register says of a firm: status, credit code, founding date, kind of address."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import CATALOGUES
from layers.sources.checked import Rows
from layers.sources.columns import is_registered_address
from layers.sources.dates import parse_dates
from layers.sources.distinct import as_arrow, distinct

__all__ = ["credit_codes_hold", "look_at_registry", "names_nothing", "plain_credit_codes", "read_status"]

_SHORTENED = r"^\s*\d(?:\.\d+)?[eE]\+(?:1[1-9]|[2-9]\d)\s*$"
"""A number as Excel shows one of twelve digits or more; of those that it does not show, nothing is left."""
_NONE = r"(?i)^\s*(?:[-—–－/\\*]+|无|暂无|未知|不详|null|none|n/?a)?\s*$"
_EXCEL_TEXT = r"^=?[\"'’‘`\s]*(.*?)[\"\s]*$"
"""Signs by which Excel is told that a number is a text: '9135…, ="9135…"."""
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of a credit code: no I, O, S, V, Z (GB 32100-2015)."""
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], dtype=np.float32)


def look_at_registry(rows: Rows, roles: Mapping[str, str], dates: str | None = None) -> None:
    """Flag what the register says; no row is rejected for it.

    Parameters
    ----------
    rows : Rows
    roles : mapping of str to str
        Role → column; those looked at are status, credit_code, founded, address.
    dates : {"dmy", "mdy"}, optional
        As for `parse_dates`.

    Raises
    ------
    ChoiceError
        If founding dates can be read in two ways.
    """
    source = rows.source
    if "status" in roles:
        status = read_status(source[roles["status"]])
        known = int(status.isin(["active", "closed"]).sum())
        # Where hardly a word is known, the column is about something else.
        if known and 2 * known >= int((status != "").sum()):
            rows.flag((status == "closed").to_numpy(dtype=bool), "CLOSED_FIRM")
            rows.flag((status == "unknown").to_numpy(dtype=bool), "UNKNOWN_STATUS")
    for column in {roles[role] for role in ("id", "credit_code") if role in roles}:
        short = pc.match_substring_regex(as_arrow(source[column]), _SHORTENED)
        rows.flag(short.to_numpy(zero_copy_only=False).astype(bool), "SHORTENED_CODE")
    if "credit_code" in roles:
        filled, right = credit_codes_hold(source[roles["credit_code"]])
        rows.flag(filled & ~right, "BAD_CREDIT_CODE")
    if "founded" in roles:
        rows.flag(parse_dates(source[roles["founded"]], dates)[1], "BAD_DATE")
    if "address" in roles and is_registered_address(roles["address"]):
        written = source[roles["address"]].astype(str).str.strip() != ""
        rows.flag(written.to_numpy(dtype=bool), "REGISTERED_ADDRESS")


def read_status(text: pd.Series) -> pd.Series:
    """Say of each status what it means.

    Returns
    -------
    Series of str
        ``active``, ``closed`` (注销, 吊销, 迁出 …), ``unknown`` for other words, empty for blanks.

    Notes
    -----
    The words are those of data/catalogues/registry.toml; each different text is read once. O(n).
    """
    codes, cells = distinct(text)
    words = _status_words()
    meanings = []
    for cell in cells.str.normalize("NFKC").str.casefold().str.strip():
        said = functools.reduce(lambda left, no: left.replace(no, ""), words["not"], cell)
        if re.fullmatch(_NONE, cell):
            meanings.append("")
        elif any(word in said for word in words["closed"]):
            meanings.append("closed")
        elif any(word in said for word in words["active"]) or said != cell:
            meanings.append("active")
        else:
            meanings.append("unknown")
    return pd.Series(np.array(meanings, dtype=object)[codes], index=text.index, dtype=object)


def credit_codes_hold(text: pd.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Check the last sign of unified social credit codes.

    Parameters
    ----------
    text : Series of n str

    Returns
    -------
    filled, right : ndarray of n bool
        Which cells hold anything; which hold a code of 18 signs whose check sign fits.

    Notes
    -----
    31 − Σ 3^i·sign_i mod 31 over the first 17 signs, so that with the check sign the sum is a multiple
    of 31. O(n).

    References
    ----------
    GB 32100-2015, 4.5.
    """
    cells = plain_credit_codes(text)
    bytes_ = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    filled = np.asarray(bytes_ > 0)
    # As many bytes as letters: all of them are of ASCII.
    right = (bytes_ == 18) & (pc.utf8_length(cells).to_numpy(zero_copy_only=False) == 18)
    if right.any():
        own = pa.concat_arrays([cells.filter(pa.array(right))])  # whole, from the first byte
        letters = np.frombuffer(own.buffers()[2], np.uint8)[: 18 * len(own)].reshape(-1, 18)
        place = np.full(256, np.nan, dtype=np.float32)  # a sign that is none spoils the sum
        place[np.frombuffer(_SIGNS.encode(), np.uint8)] = np.arange(len(_SIGNS))
        values = place[letters]
        right[right] = (values[:, :17] @ _WEIGHTS + values[:, 17]) % 31 == 0
    return filled, right


def plain_credit_codes(text: pd.Series) -> pa.Array:
    """Credit codes in capital half-width letters, without what is no part of them; empty where none is."""
    cells = as_arrow(text)
    if not pc.all(pc.string_is_ascii(cells)).as_py():
        cells = pc.utf8_normalize(cells, form="NFKC")
    cells = pc.ascii_upper(pc.utf8_trim_whitespace(cells))
    odd = pc.invert(pc.is_in(pc.binary_length(cells), pa.array([0, 18])))
    if not pc.any(odd).as_py():
        return cells
    plain = pc.replace_substring_regex(cells.filter(odd), _EXCEL_TEXT, r"\1")
    plain = pc.if_else(pc.match_substring_regex(plain, _NONE), "", plain)
    return pc.replace_with_mask(cells, odd, plain.cast(cells.type))


def names_nothing(identifiers: pa.Array) -> NDArray[np.bool_]:
    """Which texts identify nobody: empty ones, dashes, 无, and numbers whose last digits Excel has lost."""
    none = pc.match_substring_regex(identifiers, _NONE)
    return np.asarray(
        pc.or_(none, pc.match_substring_regex(identifiers, _SHORTENED)).to_numpy(zero_copy_only=False),
        dtype=bool,
    )


@functools.cache
def _status_words() -> dict[str, tuple[str, ...]]:
    table = tomllib.loads((CATALOGUES / "registry.toml").read_text(encoding="utf-8"))
    return {name: tuple(entry["words"]) for name, entry in table.items()}
