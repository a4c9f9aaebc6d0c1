"""Units that appear on Chinese planning documents, and nothing else.

Inside the system lengths are metres and areas square metres. Hectares and mu
(亩, 1 ha = 15 mu exactly) appear in catalogues and on screens.
"""

from __future__ import annotations

M2_PER_HA = 10_000.0
MU_PER_HA = 15.0
M2_PER_MU = M2_PER_HA / MU_PER_HA


def ha(area_m2: float) -> float:
    """Square metres to hectares."""
    return area_m2 / M2_PER_HA


def mu(area_m2: float) -> float:
    """Square metres to mu (亩)."""
    return area_m2 / M2_PER_MU
