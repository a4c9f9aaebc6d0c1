"""What the essays say of a place, in the reader's language: codes of data/reference/places.csv."""

from __future__ import annotations

from geo.errors import N_
from ui.map_layers import Words

__all__ = ["place_words", "source_words"]

_MEMORY = "memory"
_WORDS = {
    "central_city": N_("central city"),
    "city": N_("city"),
    "county": N_("county"),
    "county of Shuitou": N_("county of Shuitou"),
    "park": N_("park"),
    "township park": N_("township park"),
    "automobile": N_("automobiles"),
    "building materials": N_("building materials"),
    "building materials (planned NW)": N_("building materials (planned in the north-west)"),
    "coal-electricity-chemical": N_("coal, electricity, chemicals"),
    "equipment": N_("equipment"),
    "equipment parts": N_("equipment parts"),
    "equipment parts(with Harbin/Qiqihar firms)": N_("equipment parts, with firms of Harbin and Qiqihar"),
    "forest products (planned SW)": N_("forest products (planned in the south-west)"),
    "forest-bamboo": N_("forest and bamboo products"),
    "mountain specialties": N_("mountain specialties"),
    "petrochemical": N_("petrochemicals"),
    "petrochemical(radiated by Daqing)": N_("petrochemicals, radiating from Daqing"),
    "software outsourcing": N_("software outsourcing"),
    "stone association": N_("stone association"),
    "textile": N_("textiles"),
    "textile (planned N)": N_("textiles (planned in the north)"),
    "national/international": N_("national and international"),
    "regional": N_("regional"),
    "market": N_("the market"),
    "resource": N_("the resource"),
    "resource+market": N_("the resource and the market"),
    "market (was resource, exhausted after 200+ years)": N_(
        "the market (once the resource, exhausted after more than 200 years)"
    ),
    "strip": N_("strip"),
    "strip (partly kept)": N_("strip, partly kept"),
    "unknown": N_("unknown"),
    "admin seat": N_("seat of the administration, not the cluster itself"),
    "town/point": N_("the place itself"),
}


def place_words(text: str, translate: Words) -> str:
    """Translate what is said of a place; parts are divided by semicolons, others stay as they are."""
    parts = (part.strip() for part in text.split(";"))
    return translate(N_(", ")).join(translate(_WORDS.get(part, part)) for part in parts if part)


def source_words(text: str, translate: Words) -> str:
    """Translate where a position comes from; what was put down from memory says so."""
    if text.startswith(_MEMORY):
        rest = text.removeprefix(_MEMORY).strip(":; ")
        said = translate(N_("general knowledge, not surveyed"))
        return f"{said}: {rest}" if rest else said
    return text or translate(N_("unknown"))
