"""`python -m tests.crash.sender ADDRESS RECORD NAME WINDOWS`: sends requests for ever, as fast as it is given leave.

WINDOWS is as in doomed.py.
"""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.crash.doomed import patch_windows

from coralrun.clock import SystemClock
from coralrun.coralnet.account.limiter import Limiter, SharedRecord
from coralrun.store.files import Disk


def main() -> None:
    """Send until somebody ends the process."""
    address, record, name, windows = sys.argv[1:]
    patch_windows(windows)
    limiter = Limiter(SystemClock(), SharedRecord(Path(record), Disk().replace, time.time))
    host = urlsplit(address).netloc
    while True:
        with limiter.request():
            connection = http.client.HTTPConnection(host, timeout=10)
            connection.request("GET", f"/{name}")
            connection.getresponse().read()
            connection.close()


if __name__ == "__main__":
    main()
