"""What every test may rely on."""

from __future__ import annotations

import signal

# A shell starts what runs in its background with Ctrl-C ignored, and every child would inherit that: the tests of
# interruption would wait for ever. A handler, unlike a signal that is ignored, ends with the next program.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
