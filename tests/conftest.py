"""What holds for every test: properties are judged by what they find, never by how long a shared machine took, and
tables are as wide as they get, whatever terminal the tests are run from."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.pop("COLUMNS", None)
settings.register_profile("house", deadline=None)
settings.load_profile("house")
