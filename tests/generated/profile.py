"""How many cases are generated: the same ones on every run, or SOAK=5000 new ones a property.

FEWER=4 tries a quarter of them: a run that another one, of all of them, follows.
"""

import os

from hypothesis import HealthCheck, Phase, settings

SOAK = int(os.environ.get("SOAK", "0"))
FEWER = int(os.environ.get("FEWER", "1"))


def examples(few: int = 300) -> settings:
    """The settings of one property that is tried `few` times in everyday runs."""
    return settings(
        max_examples=SOAK or max(few // FEWER, 1),
        derandomize=not SOAK,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
