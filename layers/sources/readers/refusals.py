"""What every reader has to say alike: too much of something, no such layer, which of several layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.arguments import as_argument

__all__ = ["no_layer", "too_large", "which_layer"]

_SHOWN = 5


def too_large(limit: int, what: str, *, hint: str = N_("split it")) -> SourceError:
    """Return the error for a file with more rows, columns or the like than an import takes."""
    return SourceError(
        N_("the file has more than {limit:,} {what}"), hint=hint, code="TOO_LARGE", limit=limit, what=what
    )


def no_layer(layer: str, names: Iterable[str]) -> SourceError:
    """Return the error for a layer, sheet or band that the file does not have."""
    return SourceError(
        N_("the file has no layer “{layer}”"),
        hint=N_("it has: {names}"),
        where=layer,
        layer=layer,
        names=", ".join(names),
    )


def which_layer(
    message: str,
    counts: Mapping[str, int],
    *,
    hint: str = N_("choose one"),
    shown: Mapping[str, int] | None = None,
) -> ChoiceError:
    """Return the question which layer is meant.

    Parameters
    ----------
    message : str
        Template; its field is ``count``.
    counts : mapping of str to int
        Layer → rows, for each that may be chosen.
    hint : str
        Template.
    shown : mapping of str to int, optional
        The layers that are counted and previewed, where they are not those that may be chosen.
    """
    layers = counts if shown is None else shown
    return ChoiceError(
        message,
        hint=hint,
        about="layer",
        code="LAYER",
        options=[
            Option(name, f"{name} ({rows})", as_argument({"layer": name})) for name, rows in counts.items()
        ],
        preview=[{"layer": name, "rows": rows} for name, rows in list(layers.items())[:_SHOWN]],
        count=len(layers),
    )
