"""Settings of all tests."""

from __future__ import annotations

import os

# Facts that an older state of the code left on disk would hide what is tested.
os.environ["ANALYTICSOPS_CACHE"] = "off"
