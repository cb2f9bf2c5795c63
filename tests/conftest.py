"""Profiles of hypothesis: the same examples each time, unless more are asked for.

``HYPOTHESIS_PROFILE=long`` tries many more, and others each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_CALM = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    print_blob=True,
    suppress_health_check=_CALM,
)
settings.register_profile("default", settings.get_profile("ci"))
settings.register_profile(
    "long",
    settings.get_profile("ci"),
    derandomize=False,
    max_examples=2000,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
