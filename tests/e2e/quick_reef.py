"""`python -m tests.e2e.quick_reef OPTIONS...`: an emulator as `coralrun emulator` is, with faults and drawn scores.

The same service over the same HTTP in a process of its own, but nothing is painted and nothing learns, unless it is
given photos: that is most of what an emulator does, and no test here is about it. The real command is tried by the
sessions of the README.
"""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.emulator_faults import Faults

from coralrun.emulator.demo import DEMO_IMAGES, PASSWORD, USERNAME, Settings, drawn_service, own_photos_service
from coralrun.emulator.fetching import download
from coralrun.emulator.http import SystemClock, serve
from coralrun.emulator.jobs import Cadence


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds-per-image", type=float, default=0.2)
    parser.add_argument("--url-lifetime", type=float, default=3600.0)
    parser.add_argument("--photos", type=int, default=DEMO_IMAGES)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--annotations", type=Path)
    chosen = parser.parse_args()
    settings = Settings(
        cadence=Cadence(seconds_per_image=chosen.seconds_per_image),
        url_lifetime_s=chosen.url_lifetime,
        downloader=download,
    )
    clock = SystemClock()
    if chosen.images:
        service = own_photos_service(clock, chosen.images, chosen.annotations, settings)
    else:
        service = drawn_service(clock, settings, images=chosen.photos)
    Faults(service)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    running = serve(service)
    print(f"url: {running.url}", f"username: {USERNAME}", f"password: {PASSWORD}", sep="\n", flush=True)
    while not stopped.wait(0.2):
        continue
    running.close()


if __name__ == "__main__":
    main()
