"""How long work says how far it is, and hears that nobody waits for it any more."""

from __future__ import annotations

from collections.abc import Callable

from geo.errors import CancelledError

__all__ = ["Progress", "stop_asked", "tell"]

Progress = Callable[[float, str], None]
"""``progress(share, what)``: 0 to 1 and a message template; raises `CancelledError` to stop the work."""


def tell(progress: Progress | None, share: float, what: str) -> None:
    """Say how far the work is, if anybody listens.

    Raises
    ------
    CancelledError
        If the work is to stop.
    """
    if progress is not None:
        progress(share, what)


def stop_asked(progress: Progress | None, what: str) -> Callable[[], bool] | None:
    """Return what another process's watcher may ask: whether the person has stopped the work.

    Parameters
    ----------
    progress : callable, optional
    what : str
        Message template of what goes on meanwhile.
    """
    if progress is None:
        return None

    def cancelled() -> bool:
        try:
            progress(0.0, what)
        except CancelledError:
            return True
        return False

    return cancelled
