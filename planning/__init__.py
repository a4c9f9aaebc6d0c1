"""The core: scenario, stages, pipeline, catalogues and reports.

>>> from planning import load_scenario, make_plan
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planning.output import write_plan as write_plan
    from planning.pipeline import make_plan as make_plan
    from planning.scenario import Scenario as Scenario
    from planning.scenario import load_scenario as load_scenario

_HOME = {
    "Scenario": "planning.scenario",
    "load_scenario": "planning.scenario",
    "make_plan": "planning.pipeline",
    "write_plan": "planning.output",
}
__all__ = ["Scenario", "load_scenario", "make_plan", "write_plan"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: a page that needs a catalogue starts fast."""
    if name not in _HOME:
        raise AttributeError(f"module 'planning' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
