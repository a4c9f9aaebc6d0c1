"""Work that takes longer than a glance: a thread, its progress, and a button that stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import streamlit as st

from geo.errors import CancelledError, ParkError
from geo.progress import Progress
from ui.messages import guarded, log_bug, plain, show_error
from ui.words import _

__all__ = ["Job", "Progress", "ask", "forget"]

_T = TypeVar("_T")
_STATE = "jobs"
_PATIENCE_S = 0.8
_POLL_S = 0.5
_WORKERS = 2


@dataclass(slots=True, kw_only=True, eq=False)
class Job(Generic[_T]):
    """One piece of work in a thread.

    Attributes
    ----------
    key : hashable
        What it works on; a page that asks for another key stops this job.
    label : str
        Message template: what a person is waiting for.
    share : float
        How much is done, 0 to 1.
    what : str
        Message template of the step at hand.
    """

    key: Hashable
    label: str
    share: float = 0.0
    what: str = ""
    started: bool = False
    result: _T | None = None
    error: BaseException | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def progress(self, share: float, what: str = "") -> None:
        """Note how far the work is; raise `CancelledError` when the person has had enough."""
        self.share, self.what = min(max(share, 0.0), 1.0), what
        if self.stop.is_set():
            raise CancelledError

    def run(self, work: Callable[[Progress], _T]) -> None:
        """Do the work in this thread. Nothing in here may call Streamlit."""
        self.started = True
        try:
            self.progress(0.0)
            self.result = work(self.progress)
        except ParkError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - handed to the page, which says so
            log_bug(error)
            self.error = error
        finally:
            self.over.set()


@st.cache_resource(show_spinner=False)
def _pool() -> ThreadPoolExecutor:
    """Two threads for all sessions together: twenty people queue instead of fighting."""
    return ThreadPoolExecutor(_WORKERS, thread_name_prefix="parkplan-job")


def ask(
    name: str,
    key: Hashable,
    work: Callable[[Progress], _T],
    label: str,
    refused: Callable[[BaseException], None] = show_error,
) -> _T | None:
    """Return what `work` makes, or show how far it is.

    Parameters
    ----------
    name : str
        One job of a name runs in a session; asking for another key stops the older one.
    key : hashable
        Identifies inputs and parameters: the same key never works twice.
    work : callable
        Gets ``progress(share, what)``, which raises `CancelledError` to stop it.
    label : str
        Message template shown while it runs.
    refused : callable
        Shows why it failed; by default the error's sentence.

    Returns
    -------
    object or None
        None while it runs, and when it failed or was stopped: the page has then been told.
    """
    jobs: dict[str, Job[_T]] = st.session_state.setdefault(_STATE, {})
    job = jobs.get(name)
    if job is None or job.key != key:
        if job is not None:
            job.stop.set()
        job = jobs[name] = Job(key=key, label=label)
        _pool().submit(job.run, work)
    if not job.over.wait(_PATIENCE_S):
        _watch(job, name)
        return None
    if isinstance(job.error, CancelledError):
        _offer_again(job, name)
        return None
    if job.error is not None:
        refused(job.error)
        return None
    return job.result


def forget(name: str) -> None:
    """Drop a job, so that it is done anew when it is asked for; a running one is stopped."""
    job = st.session_state.get(_STATE, {}).pop(name, None)
    if job is not None:
        job.stop.set()


@st.fragment(run_every=_POLL_S)
@guarded
def _watch(job: Job[_T], name: str) -> None:
    if job.over.is_set():
        st.rerun()
    doing = _(job.what) if job.started else _("waiting for other work to finish")
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"job_{name}"):
        text = f"{_(job.label)} · {doing}" if doing else _(job.label)
        st.progress(job.share, text=plain(text))
        if st.button(_("Cancel"), key=f"cancel_{name}", disabled=job.stop.is_set()):
            job.stop.set()


def _offer_again(job: Job[_T], name: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"job_{name}"):
        said = _("stopped on request; nothing was kept")
        st.text(f"{_(job.label)} · {said}")
        if st.button(_("Start again"), key=f"again_{name}"):
            forget(name)
            st.rerun()
