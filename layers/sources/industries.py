"""Industries of firms: codes of GB/T 4754 with their edition, words, and the chain and stage meant."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, Option
from layers.sources.chains import chains, plain_text
from layers.sources.columns import plain_name
from layers.sources.distinct import distinct
from layers.sources.editions import code_editions

__all__ = [
    "Industries",
    "find_chains",
    "industries_catalogue",
    "industries_of",
    "known_codes",
    "read_codes",
    "read_editions",
]

EDITIONS = ("2011", "2017")
_CODE = r"^[A-T]?(\d{4})$"
_SAID = re.compile(r"(2011|2017)")
_OTHER_SYSTEMS = {"sic", "naics", "isic", "nace"}
_MATCHES = 200
"""Different industries of a table of which the account says what they were taken for."""


@dataclass(frozen=True, slots=True)
class Industries:
    """The catalogue of chains by class and by word (data/catalogues/chains).

    Attributes
    ----------
    classes : mapping of str to set of (chain, stage)
        Class of 2017 → where it belongs.
    names : mapping of str to set of (chain, stage)
        The same by the class's name in plain letters.
    words : mapping of str to set of (chain, stage)
        Plain word → where it belongs; stage is empty where a word names a chain alone.
    """

    classes: Mapping[str, frozenset[tuple[str, str]]]
    names: Mapping[str, frozenset[tuple[str, str]]]
    words: Mapping[str, frozenset[tuple[str, str]]]


def known_codes() -> frozenset[str]:
    """Return the four-digit codes that the catalogues know, of either edition."""
    editions = code_editions()
    only = editions.only["2011"] | editions.only["2017"]
    return frozenset({*industries_catalogue().classes, *editions.changed, *editions.moved, *only})


def read_codes(text: pd.Series) -> pd.Series:
    """Take four-digit codes out of cells: ``3032``, ``C3032``, full-width digits; all else is empty.

    Codes are text. A code of three digits is a group, and may have lost a leading zero: it is none.
    """
    codes, cells = distinct(text)
    cells = cells.str.normalize("NFKC").str.strip().str.upper()
    found = cells.str.extract(_CODE)[0].fillna("").to_numpy(dtype=object)
    return pd.Series(found[codes], index=text.index, dtype=object)


def read_editions(
    source: pd.DataFrame, roles: Mapping[str, str], stated: str | None, *, ask: bool = False
) -> pd.Series:
    """Say of each row in which edition of GB/T 4754 its code is meant.

    Parameters
    ----------
    source : DataFrame of n rows
        Text.
    roles : mapping of str to str
    stated : {"2011", "2017"}, optional
        What the user says; wins.
    ask : bool
        Whether to ask where the answer matters and nobody gave it.

    Returns
    -------
    Series of n str
        ``2011``, ``2017`` or empty: by the user, the row's own cell, or the name of the column.

    Raises
    ------
    ChoiceError
        If a row without an edition has a code that means something else in each: 3033 is stone
        working in 2011 and waterproofing in 2017.
    """
    if "industry_code" not in roles:
        return pd.Series("", index=source.index, dtype=object)
    if stated:
        return pd.Series(stated, index=source.index, dtype=object)
    column = roles["industry_code"]
    named = _SAID.search(unicodedata.normalize("NFKC", column))
    edition = pd.Series(named[1] if named else "", index=source.index, dtype=object)
    if "code_version" in roles:
        own = source[roles["code_version"]].astype(str).str.extract(_SAID.pattern)[0]
        edition = own.fillna(edition)
    if ask and plain_name(column) not in _OTHER_SYSTEMS:
        open_ = read_codes(source[column])[edition == ""]
        editions = code_editions()
        doubtful = open_.isin(list(editions.changed)) | open_.str[:2].isin(list(editions.divisions))
        counts = open_[doubtful].value_counts()
        if len(counts):
            raise _ask_edition(counts, column)
    return edition


def find_chains(text: Mapping[str, pd.Series], editions: pd.Series) -> pd.DataFrame:
    """Say of each firm to which chain and stage it belongs, and by what.

    Parameters
    ----------
    text : mapping of str to Series of n str
        Role → cells: industry_code, industry, product, as far as there are any.
    editions : Series of n str
        See `read_editions`.

    Returns
    -------
    DataFrame of n rows
        ``chain``: key in the catalogue, None where none or several fit. ``stage``: the stages that
        fit, a bar between. ``chain_match``: the code or word that decided.

    Notes
    -----
    The code decides where the catalogue has it, else the name of a class, else the longest word that
    the text holds; the product tells the stages of one class or chain apart. Each different
    combination is looked up once. O(n).
    """
    own, firsts = _combinations(text, editions)
    found = [_chain_of(*row) for row in firsts]
    cells = np.empty((len(found), 3), dtype=object)
    cells[:] = found or cells
    table = pd.DataFrame(
        cells[own], index=editions.index, columns=["chain", "stage", "chain_match"], dtype=object
    )
    if "product" in text:
        open_ = (
            table["chain"].notna() & (table["stage"].isna() | table["stage"].str.contains("|", regex=False))
        ).to_numpy(dtype=bool)
        told = [
            _stage_by_product(chain, stage, product)
            for chain, stage, product in zip(
                table["chain"][open_], table["stage"][open_], text["product"][open_].fillna(""), strict=True
            )
        ]
        table.loc[open_, "stage"] = np.array(told, dtype=object)
    return table


def industries_of(
    source: pd.DataFrame, roles: Mapping[str, str], editions: pd.Series
) -> tuple[dict[str, object], ...]:
    """What each different industry of a table was taken for, the most frequent first.

    Returns
    -------
    tuple of dict
        ``industry`` as written, ``chain``, ``stage``, ``match``, ``rows``; chain is None where
        nothing fits.
    """
    text = {role: source[roles[role]] for role in ("industry_code", "industry") if role in roles}
    if not text:
        return ()
    own, firsts = _combinations(text, editions, codes_as_written=True)
    counts = np.bincount(own, minlength=len(firsts))
    result: list[dict[str, object]] = []
    for place in np.argsort(-counts, kind="stable"):
        code, edition, industry = firsts[place]
        written = f"{code} {industry}".strip()
        if not written:
            continue
        plain_code = read_codes(pd.Series([code])).iloc[0]
        chain, stage, match = _chain_of(plain_code, edition, industry)
        result.append(
            {
                "industry": written[:80],
                "chain": chain,
                "stage": stage,
                "match": match,
                "rows": int(counts[place]),
            }
        )
        if len(result) == _MATCHES:
            break
    return tuple(result)


def _combinations(
    text: Mapping[str, pd.Series], editions: pd.Series, *, codes_as_written: bool = False
) -> tuple[NDArray[np.int64], list[tuple[str, str, str]]]:
    """Number the different (code, edition, industry) of a table."""
    blank = pd.Series("", index=editions.index, dtype=object)
    code = text.get("industry_code", blank)
    columns = [code if codes_as_written else read_codes(code), editions, text.get("industry", blank)]
    numbers = [distinct(column) for column in columns]
    keys = np.zeros(len(editions), dtype=np.int64)
    for codes, cells in numbers:
        keys = keys * (len(cells) + 1) + codes
    own, different = pd.factorize(keys)
    first = np.zeros(len(different), dtype=np.int64)
    first[own[::-1]] = np.arange(len(own))[::-1]
    firsts = [tuple(str(cells[codes[place]]).strip() for codes, cells in numbers) for place in first.tolist()]
    return own, firsts  # type: ignore[return-value] # three columns


def _chain_of(code: str, edition: str, industry: str) -> tuple[str | None, str | None, str | None]:
    catalogue = industries_catalogue()
    places: set[tuple[str, str]] = set()
    match = ""
    for own in code_editions().in_2017(code, edition) if code else ():
        places |= catalogue.classes.get(own, frozenset())
    if places:
        match = f"{code} ({edition})" if edition else code
    elif industry.strip():
        plain = plain_text(industry)
        if plain in catalogue.names:
            places, match = set(catalogue.names[plain]), industry.strip()
        else:
            places, match = _by_words(plain)
    chains = {chain for chain, _ in places}
    if len(chains) != 1:
        return None, None, None
    stages = sorted({stage for _, stage in places if stage})
    return chains.pop(), "|".join(stages) or None, match


def _stage_by_product(chain: str, stages: str | None, product: str) -> str | None:
    """The stages that a product's words name, among those that are open."""
    held = [
        own for own in chains()[chain].stages_of_words(product) if stages is None or own in stages.split("|")
    ]
    return "|".join(sorted(held)) or stages


def _by_words(plain: str) -> tuple[set[tuple[str, str]], str]:
    """Places of the longest words of the catalogue that a text holds."""
    held = [word for word in industries_catalogue().words if word in plain]
    longest = max(map(len, held), default=0)
    words = sorted(word for word in held if len(word) == longest)
    places = {place for word in words for place in industries_catalogue().words[word]}
    return places, ", ".join(words)


@functools.cache
def industries_catalogue() -> Industries:
    """Read the catalogue of chains."""
    classes: dict[str, set[tuple[str, str]]] = {}
    names: dict[str, set[tuple[str, str]]] = {}
    words: dict[str, set[tuple[str, str]]] = {}
    for chain in chains().values():
        for word in chain.words:
            words.setdefault(plain_text(word), set()).add((chain.key, ""))
        for stage in chain.stages.values():
            place = (chain.key, stage.id)
            for code, name in stage.classes.items():
                classes.setdefault(code, set()).add(place)
                names.setdefault(plain_text(name), set()).add(place)
            for word in stage.words:
                words.setdefault(plain_text(word), set()).add(place)
    frozen = [{key: frozenset(places) for key, places in one.items()} for one in (classes, names, words)]
    return Industries(*frozen)


def _ask_edition(counts: pd.Series, column: str) -> ChoiceError:
    meanings = {str(code): code_editions().meanings(str(code)) or ("", "") for code in counts.index}
    example = str(counts.index[0])
    old, new = meanings[example]
    return ChoiceError(
        N_("code {number} is “{old}” in GB/T 4754-2011 and “{new}” in GB/T 4754-2017"),
        hint=N_("say which edition the codes are of"),
        about="code-edition",
        where=column,
        code="CODE_EDITION",
        options=[
            Option(edition, f"GB/T 4754-{edition}: {example} {meaning}", f"--code-edition {edition}")
            for edition, meaning in zip(EDITIONS, (old, new), strict=True)
        ],
        preview=[
            {"code": code, "rows": int(count), "2011": meanings[str(code)][0], "2017": meanings[str(code)][1]}
            for code, count in counts.head(5).items()
        ],
        number=example,
        old=old,
        new=new,
    )
