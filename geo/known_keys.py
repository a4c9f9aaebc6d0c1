"""Keys of files that people write by hand: a slip is told, never passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from geo.errors import N_, UsageError, nearest_name

__all__ = ["only_known_keys"]


def only_known_keys(given: Iterable[str], keys: Collection[str], where: str) -> None:
    """Refuse a key that nobody reads, and name its nearest neighbour.

    Parameters
    ----------
    given : iterable of str
        Keys of a file or of a section of it.
    keys : collection of str
        Those that are read.
    where : str
        File and section, for the message.

    Raises
    ------
    UsageError
        With the first unknown key.
    """
    for key in given:
        if key not in keys:
            near = nearest_name(key, sorted(keys))
            raise UsageError(
                N_("{file}: unknown key “{key}”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=f"{where} {key}",
                file=where,
                key=key,
                near=near,
                known=", ".join(sorted(keys)),
            )
