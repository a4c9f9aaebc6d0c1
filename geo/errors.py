"""What can go wrong, and whose turn it is to act.

The whole tree::

    ParkError
    ├── UsageError           wrong option, unknown key or template        exit 2
    ├── RefusedError         an input cannot be taken                     exit 3
    │   ├── SourceError      a file cannot be read, or must not be
    │   ├── SchemaError      a table breaks its promise
    │   ├── CrsError         a coordinate system is missing or unfit
    │   └── GeometryError    a shape is broken or of the wrong kind
    ├── ChoiceError          two readings are plausible: somebody chooses exit 4
    ├── InfeasibleError      the wishes contradict each other             exit 5
    └── CancelledError       the person stopped the work                  exit 2

A message is an English template with named fields. The doors translate the template
and then fill it in, so that the core needs to know no language::

    raise SchemaError(N_("the table lacks the column “{column}”"), column="经度")

Anything that is not a `ParkError` is a bug, and loud.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = [
    "N_",
    "CancelledError",
    "ChoiceError",
    "CrsError",
    "GeometryError",
    "InfeasibleError",
    "Option",
    "ParkError",
    "Phrase",
    "RefusedError",
    "SchemaError",
    "SourceError",
    "UsageError",
    "nearest_name",
]


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a message template for translation; return it unchanged."""
    return message


class Phrase(str):
    """A field of a message that is words of ours itself, and translated with it."""

    __slots__ = ()


class ParkError(Exception):
    """An expected failure: says what, where, and what to do about it.

    Parameters
    ----------
    message : str
        Template of one clear sentence, with ``{named}`` fields.
    hint : str, optional
        Template of what the person can do about it.
    where : str, optional
        Row, feature, key or file that is meant, in the words of the input.
    code : str, optional
        Stable code of the reason, listed in ``docs/codes.md``.
    **fields
        Values of the named fields of both templates.
    """

    kind = "bug"
    exit_code = 1
    default_code = "ERROR"

    def __init__(
        self, message: str, *, hint: str = "", where: str = "", code: str = "", **fields: object
    ) -> None:
        super().__init__(message)
        self.template = message
        self.hint_template = hint
        self.where = where
        self.code = code or self.default_code
        self.fields: dict[str, Any] = fields

    def message(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence, its template passed through `translate`."""
        return _fill(translate(self.template), self.fields, translate)

    def hint(self, translate: Callable[[str], str] = str) -> str:
        """Return what to do about it; empty when there is nothing to say."""
        return _fill(translate(self.hint_template), self.fields, translate) if self.hint_template else ""

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the error object of the command line contract."""
        return {
            "kind": self.kind,
            "code": self.code,
            "message": self.message(translate),
            "hint": self.hint(translate),
            "where": self.where,
        }

    def __str__(self) -> str:
        """Return sentence and hint in English."""
        hint = self.hint()
        return f"{self.message()} ({hint})" if hint else self.message()

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross process borders whole."""
        return (_rebuild, (type(self), self.__dict__.copy(), self.template))


def _rebuild(cls: type[ParkError], state: dict[str, Any], template: str) -> ParkError:
    error = cls.__new__(cls)
    Exception.__init__(error, template)
    error.__dict__.update(state)
    return error


def _fill(template: str, fields: Mapping[str, object], translate: Callable[[str], str]) -> str:
    if not fields:
        return template
    said = {key: translate(value) if isinstance(value, Phrase) else value for key, value in fields.items()}
    return template.format_map(said)


class UsageError(ParkError):
    """A wrong option, or an unknown template or key."""

    kind, exit_code, default_code = "usage", 2, "USAGE"


class RefusedError(ParkError):
    """An input cannot be taken as it is."""

    kind, exit_code, default_code = "refused", 3, "REFUSED"


class SourceError(RefusedError):
    """A file cannot be read, or must not be."""

    default_code = "NOT_THIS_FORMAT"


class SchemaError(RefusedError):
    """A table breaks what its schema promises."""

    default_code = "NO_COLUMN"


class CrsError(RefusedError):
    """A coordinate system is missing, unknown or unfit for the purpose."""

    default_code = "CRS_AMBIGUOUS"


class GeometryError(RefusedError):
    """A shape is broken, empty or of the wrong kind."""

    default_code = "INVALID_GEOMETRY"


class Option(dict[str, str]):
    """One answer to a `ChoiceError`: ``value``, ``label`` and ``argument`` to pass."""

    def __init__(self, value: str, label: str, argument: str) -> None:
        super().__init__(value=value, label=label, argument=argument)


class ChoiceError(ParkError):
    """Two readings are plausible and none was chosen.

    Parameters
    ----------
    about : str
        What is to be chosen: ``crs``, ``layer``, ``encoding``, ``columns`` …
    options : sequence of Option
        The answers, each with the argument that chooses it.
    preview : sequence of mapping
        At most five rows that show the difference.

    Attributes
    ----------
    input, source : str
        Kind of the input that asks, and the source that names its file; empty where nobody filled
        them in.
    """

    kind, exit_code, default_code = "choice", 4, "CHOICE"
    input = ""
    source = ""

    def __init__(
        self,
        message: str,
        *,
        about: str,
        options: Sequence[Mapping[str, str]],
        preview: Sequence[Mapping[str, Any]] = (),
        hint: str = "",
        where: str = "",
        code: str = "",
        **fields: object,
    ) -> None:
        super().__init__(message, hint=hint, where=where, code=code, **fields)
        self.about = about
        self.options = [dict(option) for option in options]
        self.preview = [dict(row) for row in preview][:5]

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the error object with what it is about, the options and a preview."""
        return super().to_json(translate) | {
            "about": self.about,
            "options": self.options,
            "preview": self.preview,
        }


class InfeasibleError(ParkError):
    """The wishes contradict each other: says which, by how much, and the lever to pull."""

    kind, exit_code, default_code = "infeasible", 5, "INFEASIBLE"


class CancelledError(ParkError):
    """The person stopped the work; nothing was kept."""

    kind, exit_code, default_code = "usage", 2, "CANCELLED"

    def __init__(self, message: str = N_("stopped on request; nothing was kept"), **fields: object) -> None:
        super().__init__(message, **fields)  # type: ignore[arg-type]


def nearest_name(wrong: str, known: Sequence[str]) -> str:
    """Return the known name that looks most like `wrong`, or an empty string.

    Examples
    --------
    >>> nearest_name("stoen", ["stone", "software"])
    'stone'
    """
    from difflib import get_close_matches

    found = get_close_matches(wrong, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""
