"""What it costs to take images in: a crawl, a plan of many names, sizes from the first bytes.

Rule: the client is the command as a person calls it, in a process of its own; whatever it asks is another process, on
this machine. Pages and bytes are counted there. `python -m benchmarks.inputs [TASK]` measures all, or one;
`--json FILE` keeps all for the report.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

CRAWLED = 40_000
NAMES = 15_695
SIZES = 10_000
PAGES_PER_S = 50
SITES = 41
THUMBNAIL_BYTES, LARGE_THUMBNAIL_BYTES = 14_000, 38_000
"""What stands before the size in photos of Moorea Labeled Corals, and in one of CoralNet's own."""
LARGE_EVERY = 10
LEAST_PATIENCE_S = 600.0

SURVEY = """\
version: 1
name: inputs
service: {service}
classifier: {{source: 1}}
sources: [{source}]
sampling: {sampling}
run: {{web_rate: {rate}}}
"""
POINTS = "points: {method: simple random, number_of_points: 5}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one task took: what was counted in words, seconds on the wall, CPU seconds and peak bytes of the client."""

    task: str
    counted: str
    wall_s: float
    cpu_s: float
    peak_bytes: int


def to_markdown(costs: list[Cost]) -> str:
    """The costs as a Markdown table."""
    lines = ["| task | counted | wall s | CPU s | peak memory, MB |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {one.task} | {one.counted} | {one.wall_s:.1f} | {one.cpu_s:.1f} | {one.peak_bytes / 1e6:.0f} |"
        for one in costs
    ]
    return "\n".join(lines)


ABOUT = """\
The client is a process of its own, whatever it asks is another on the same machine. Names, ids and metadata of a
source need no image's page: 2,000 pages of 20 images, one for each end of the walk, the source's own, a table of
metadata and a sign-in. An image's page is read when its batch is about to go. Of a photo elsewhere 16 KiB are read,
and 64 where its thumbnail is large, as here in one of ten.
"""


def read(path: Path) -> list[Cost]:
    """What `--json` kept."""
    return [Cost(**one) for one in json.loads(path.read_bytes())]


def measure(only: str = "") -> list[Cost]:
    """Every task, or the one of this name."""
    return [work() for name, work in TASKS.items() if only in ("", name)]


def crawl(images: int = CRAWLED, rate: int = PAGES_PER_S) -> Cost:
    """Plan a whole source, metadata and all."""
    with server("coralnet", str(images)) as coralnet, folder(coralnet) as survey:
        survey("{coralnet: 1}", f"{{{POINTS}}}", rate, "metadata: coralnet")
        before = ask(coralnet + "/_emulator/faults")
        wall_s, cpu_s, peak_bytes, out = coralrun("plan", "survey.yaml", "--out", "saved.plan", "--json")
        after = ask(coralnet + "/_emulator/faults")
        keys = [json.loads(line).get("key") for line in Path("saved.plan").read_text().splitlines()]
    found = [key for key in keys if str(key).startswith("coralnet:1/")]
    assert json.loads(out)["images"] == len(found) == images
    pages = after["requests"] - before["requests"] - (after["api_requests"] - before["api_requests"])
    counted = (
        f"{pages:,} pages of all kinds, where {-(-images // 20):,} of the search hold all images; "
        f"{len(found) - len(set(found))} doubles"
    )
    return Cost(
        f"plan a source of {images:,} images with its metadata, {rate} pages/s", counted, wall_s, cpu_s, peak_bytes
    )


def plan(names: int = NAMES) -> Cost:
    """Plan a manifest with conditions on its metadata and a sample of each site."""
    with server("coralnet", "60") as coralnet, folder(coralnet) as survey:
        rows = [
            (
                f"AMP{n:05d}.jpg",
                f"https://example.org/AMP{n:05d}.jpg",
                f"site {n % SITES}",
                n % 20,
                f"{2016 + n % 8}-03-29",
            )
            for n in range(names)
        ]
        with Path("images.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("name", "url", "site", "depth", "date"), *rows])
        where = "filters: {where: {depth: {max: 15}, date: {from: 2018-01-01}}}"
        survey(f"{{manifest: images.csv, {where}}}", f"{{images: {{count: 20, by: site, seed: 7}}, {POINTS}}}", 4)
        wall_s, cpu_s, peak_bytes, out = coralrun("plan", "survey.yaml", "--json")
    counted = f"{json.loads(out)['images']:,} images drawn"
    return Cost(f"plan {names:,} names, two conditions, a sample by site", counted, wall_s, cpu_s, peak_bytes)


def sizes(images: int = SIZES) -> Cost:
    """Lay the points of a manifest without sizes: the first bytes of each photo are read, one photo after the other."""
    with server("coralnet", "60") as coralnet, server("photos", "") as host, folder(coralnet) as survey:
        rows = [f"{n}.jpg,{host}/{'large' if n % LARGE_EVERY == 0 else 'usual'}/{n}.jpg" for n in range(images)]
        Path("images.csv").write_text("\n".join(["name,url", *rows]))
        survey("{manifest: images.csv}", f"{{{POINTS}}}", 4)
        wall_s, cpu_s, peak_bytes, out = coralrun("points", "survey.yaml", "--out", "points", "--json")
        sent = ask(host + "/stats")
    assert json.loads(out)["points"] == 5 * images
    each_kb = sent["bytes"] / images / 1000
    counted = f"{sent['requests']:,} requests, {sent['bytes'] / 1e6:,.1f} MB: {each_kb:.1f} kB an image"
    return Cost(f"{images:,} sizes from the first bytes of photos", counted, wall_s, cpu_s, peak_bytes)


TASKS: Mapping[str, Callable[[], Cost]] = {"crawl": crawl, "plan": plan, "sizes": sizes}


@contextmanager
def folder(coralnet: str) -> Iterator[Callable[..., None]]:
    """A folder of its own to work in, and a way to write the survey there."""

    def survey(source: str, sampling: str, rate: int, more: str = "") -> None:
        text = SURVEY.format(service=coralnet, source=source, sampling=sampling, rate=rate)
        Path("survey.yaml").write_text(text + more + "\n")

    was = Path.cwd()
    with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, {"CORALNET_SERVICE": coralnet}):
        os.chdir(place)
        try:
            yield survey
        finally:
            os.chdir(was)


def coralrun(*arguments: str) -> tuple[float, float, int, str]:
    """Call coralrun: its seconds on the wall, its CPU seconds, its peak of memory in bytes, what it printed."""
    account = {"CORALNET_USERNAME": "demo", "CORALNET_PASSWORD": "demo-reef", "HOME": str(Path.cwd())}
    began_s = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "coralrun", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **account},
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, out
    unit = 1 if sys.platform == "darwin" else 1024
    return time.monotonic() - began_s, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, out


@contextmanager
def server(kind: str, *arguments: str) -> Iterator[str]:
    """A server in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks.inputs", "serve", kind, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def ask(url: str) -> dict[str, int]:
    """What a server has counted."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(url, data=b"{}"), timeout=LEAST_PATIENCE_S) as reply:
        counted: dict[str, int] = json.load(reply)
    return counted


def serve_coralnet(images: str) -> None:
    """The embedded CoralNet, with a source of so many images, whose scores are drawn; it counts its requests."""
    from tests.emulator_faults import Faults

    from coralrun.emulator.demo import Settings, drawn_service
    from coralrun.emulator.http import SystemClock, serve

    service = drawn_service(SystemClock(), Settings(), images=int(images))
    Faults(service)
    print(serve(service).url, flush=True)
    threading.Event().wait()


def serve_photos(_: str) -> None:
    """A host of photos that knows ranges, each with its thumbnail before its size; it counts what it sends."""
    photos = {"usual": _photo(THUMBNAIL_BYTES), "large": _photo(LARGE_THUMBNAIL_BYTES)}
    lock, counted = threading.Lock(), {"requests": 0, "bytes": 0}

    class Host(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # as every real host has it; with it each reply waits 40 ms for nothing

        def do_GET(self) -> None:
            photo = photos[self.path.split("/")[1]]
            first, last = (int(number) for number in self.headers["Range"].removeprefix("bytes=").split("-"))
            body = photo[first : last + 1]
            with lock:
                counted["requests"] += 1
                counted["bytes"] += len(body)
            self._answer(206, body, f"bytes {first}-{first + len(body) - 1}/{len(photo)}")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                body = json.dumps(counted).encode()
            self._answer(200, body, "")

        def _answer(self, status: int, body: bytes, part: str) -> None:
            self.send_response(status)
            if part:
                self.send_header("Content-Range", part)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    host = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    print(f"http://127.0.0.1:{host.server_port}", flush=True)
    host.serve_forever()


def _photo(thumbnail_bytes: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    noise = Image.effect_noise((1600, 1200), 90).convert("RGB")
    noise.save(buffer, "JPEG", quality=95, comment=b"x" * thumbnail_bytes)
    return buffer.getvalue()


SERVERS: Mapping[str, Callable[[str], None]] = {"coralnet": serve_coralnet, "photos": serve_photos}


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        SERVERS[sys.argv[2]](sys.argv[3])
    elif sys.argv[1:2] == ["--json"]:
        Path(sys.argv[2]).write_text(json.dumps([asdict(one) for one in measure()], indent=1) + "\n")
    else:
        print(to_markdown(measure(*sys.argv[1:2])))
