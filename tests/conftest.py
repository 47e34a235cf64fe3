"""What every test may rely on."""

from __future__ import annotations

import gc
import os
import signal
import tempfile

import pytest
from hypothesis import settings
from tests import order
from tests.branches import VARIABLE, Branches

settings.register_profile("counted", deadline=None)  # no test measures time: a busy machine is no defect
settings.load_profile("counted")

# No test leaves this machine: whatever is not on loopback is asked of a proxy that nobody runs, which fails at once.
for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ[variable] = os.environ[variable.lower()] = "http://127.0.0.1:9"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1,::1"

# No test knows what an earlier one has done, for what runs a survey had is remembered, nor an account of this user's.
STATE = tempfile.TemporaryDirectory(prefix="coralrun-state-")
os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = STATE.name

# A shell starts what runs in its background with Ctrl-C ignored, and every child would inherit that: the tests of
# interruption would wait for ever. A handler, unlike a signal that is ignored, ends with the next program.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Made now, because it has to see the first import of what it measures.
BRANCHES = Branches(os.environ[VARIABLE]) if VARIABLE in os.environ else None


def pytest_configure(config: pytest.Config) -> None:
    """Measure branches, where that is asked for."""
    if BRANCHES is not None:
        config.pluginmanager.register(BRANCHES)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each process begin with its share of the long tests: at the end all others would wait for one of them."""
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = order.dealt(items, [str(item.path.relative_to(config.rootpath / "tests")) for item in items], processes)


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among all that was imported: it took a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
