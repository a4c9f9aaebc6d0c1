"""The built-in samples as scenarios."""

from __future__ import annotations

from layers.samples import load_sample
from planning.scenario import Scenario
from planning.stages.clusters import ClusterParams

__all__ = ["sample_scenario"]


def sample_scenario(name: str, lang: str = "zh") -> Scenario:
    """Return the scenario of a built-in sample.

    Parameters
    ----------
    name : str
        shuitou, yongan, dalian or seed_places.
    lang : str
        ``zh`` or ``en``: language of the title and the notes.

    Raises
    ------
    UsageError
        If there is no such sample; the nearest name is told.
    """
    sample = load_sample(name)
    return Scenario(
        title=sample.title_zh if lang == "zh" else sample.title_en,
        notes=sample.notes_zh if lang == "zh" else sample.notes_en,
        template=sample.template,
        within_km=sample.within_km,
        inputs=dict(sample.inputs),
        clusters=ClusterParams.from_mapping(sample.clusters, where=f"{name} [clusters]"),
    )
