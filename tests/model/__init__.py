"""The semantics a second time, in plain Python: sets, dicts and lists, no database.

Written from the words of the specification, not from the package: of imagedb it imports only
`records`, `references`, `digests` and `platforms`. `driving` alone, which runs both side by side,
knows the operations.
"""

import pytest

pytest.register_assert_rewrite("tests.model.driving", "tests.model.history")
