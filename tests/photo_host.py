"""A web server of photos on this machine, which keeps every path that it was asked for, as it came over the wire."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

Content = bytes | int
"""What stands at a path: a file, or the status of a refusal."""


@dataclass(frozen=True, slots=True)
class PhotoHost:
    """Where the server is, and the paths that it was asked for, in order."""

    url: str
    asked: list[str] = field(default_factory=list)


def photo(width: int = 400, height: int = 300, kind: str = "JPEG", *, seed: int = 20, orientation: int = 1) -> bytes:
    """A small photo; another `seed` is another photo, `orientation` is how a viewer is to turn it."""
    packed, exif = io.BytesIO(), Image.Exif()
    if orientation != 1:
        exif[274] = orientation
    Image.new("RGB", (width, height), (seed, 90, 120)).save(packed, kind, exif=exif)
    return packed.getvalue()


@contextmanager
def photo_host(files: Mapping[str, Content]) -> Iterator[PhotoHost]:
    """Serve files by path and query, exactly as they are asked for; whatever else is asked for is not there."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = files.get(self.path, 404)
            body = b"" if isinstance(content, int) else content
            self.send_response(content if isinstance(content, int) else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield PhotoHost(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
