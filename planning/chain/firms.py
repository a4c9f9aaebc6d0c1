"""Stages of a chain that firms stand at: by code with its edition, by words, by what they make."""

from __future__ import annotations

import pandas as pd

from layers.sources.chains import Chain, plain_text
from layers.sources.editions import code_editions
from layers.sources.industries import read_codes

__all__ = ["stages_of_firms"]

_COLUMNS = ("industry_code", "code_edition", "industry", "product")


def stages_of_firms(chain: Chain, firms: pd.DataFrame) -> pd.DataFrame:
    """Say of each firm of a chain at which of its stages it stands, or may stand.

    Parameters
    ----------
    chain : Chain
    firms : DataFrame of n firms
        ``id``; as far as they are known ``industry_code``, ``code_edition`` (2011, 2017),
        ``industry`` and ``product``; ``chain`` and ``stage`` as the import wrote them. Closed firms
        and those outside the area are left out by the caller. Left unchanged.

    Returns
    -------
    DataFrame of the m firms of the chain, index as in `firms`
        ``id``; ``stages``: tuple of stages in the chain's order; ``certain``: whether the firm stands
        at each of them (then a product may name several), or at one of them at least; ``by``: what
        decided.

    Notes
    -----
    The code decides where one of its classes of 2017 is in the chain, else the name of a class, else
    words. A product text tells the stages of one class apart; without one, or with one whose words
    say nothing, the firm makes each stage possible and none certain. A word for the chain alone
    leaves all its stages possible. Each different combination is looked up once: O(n).

    Raises
    ------
    KeyError
        If there is no column ``id``.
    """
    blank = pd.Series("", index=firms.index, dtype=object)
    text = pd.DataFrame(
        {
            name: firms[name].astype(object).where(firms[name].notna(), "").astype(str).str.strip()
            if name in firms
            else blank
            for name in _COLUMNS
        }
    )
    text["industry_code"] = read_codes(text["industry_code"])
    own = firms["chain"].eq(chain.key) if "chain" in firms else pd.Series(False, index=firms.index)
    text["imported"] = firms["stage"].where(own).fillna("") if "stage" in firms else ""
    different = text.drop_duplicates()
    found = pd.DataFrame(
        [_stages(chain, *row) for row in different.itertuples(index=False, name=None)],
        columns=["stages", "certain", "by"],
        index=pd.MultiIndex.from_frame(different),
    )
    result = found.reindex(pd.MultiIndex.from_frame(text)).set_axis(firms.index)
    result.insert(0, "id", firms["id"].astype(str))
    result["certain"] = result["certain"].astype(bool)
    return result[result["stages"].map(len) > 0]


def _stages(
    chain: Chain, code: str, edition: str, industry: str, product: str, imported: str
) -> tuple[tuple[str, ...], bool, str]:
    fits, by = _by_industry(chain, code, edition, industry)
    named = chain.stages_of_words(product)
    if not fits and imported:
        # The table was told apart by the import, from columns that are not here.
        fits, by = tuple(imported.split("|")), "import"
    if not fits:
        # What is made says more than the name of the whole industry, and less than a code.
        return (named, True, product) if named else (_whole(chain, industry), False, industry)
    told = tuple(stage for stage in fits if stage in named)
    if told:
        return told, True, f"{by}; {product}" if len(fits) > 1 else by
    narrowed = tuple(stage for stage in fits if stage in imported.split("|"))
    fits = narrowed or fits
    return fits, len(fits) == 1, by


def _by_industry(chain: Chain, code: str, edition: str, industry: str) -> tuple[tuple[str, ...], str]:
    classes = code_editions().in_2017(code, edition) if code else ()
    fits = {stage for one in classes for stage in chain.stages_of_class(one)}
    by = f"{code} ({edition})" if edition else code
    if not fits and industry and not code:
        plain = plain_text(industry)
        fits = {
            key
            for key, stage in chain.stages.items()
            if plain in {plain_text(name) for name in stage.classes.values()}
        } or set(chain.stages_of_words(industry))
        by = industry
    return tuple(stage for stage in chain.stages if stage in fits), by


def _whole(chain: Chain, industry: str) -> tuple[str, ...]:
    """All stages where a text names the chain alone, else none."""
    plain = plain_text(industry)
    return tuple(chain.stages) if any(plain_text(word) in plain for word in chain.words) else ()
