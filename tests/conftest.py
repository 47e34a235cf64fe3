"""What every test may rely on."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path

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

# Files are written durably, and the tests write so many that they wait for the disk a quarter of their time. A disk in
# memory is one to the code. 1.5 GB is several times what a run of all tests leaves.
IN_MEMORY = Path("/dev/shm")
ROOM = IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 1.5e9 else None

# No test knows what an earlier one has done, for what runs a survey had is remembered, nor an account of this user's.
STATE = tempfile.TemporaryDirectory(prefix="coralrun-state-", dir=ROOM)
os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = STATE.name

# A shell starts what runs in its background with Ctrl-C ignored, and every child would inherit that: the tests of
# interruption would wait for ever. A handler, unlike a signal that is ignored, ends with the next program.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Made now, because it has to see the first import of what it measures.
BRANCHES = Branches(os.environ[VARIABLE]) if VARIABLE in os.environ else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Write to memory, unless `--basetemp` says where to, which keeps it too; measure branches, where that is asked
    for."""
    if ROOM is not None and config.option.basetemp is None:
        config.option.basetemp = made = tempfile.mkdtemp(prefix="coralrun-tests-", dir=ROOM)
        config.add_cleanup(lambda: shutil.rmtree(made, ignore_errors=True))
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
