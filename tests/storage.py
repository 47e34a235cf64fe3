"""S3-compatible storage on this machine: moto's server, behind a gate that sees who asks and can refuse.

moto looks at no signature; so the gate does what a test needs of that: it lets in only who has signed, it can let the
addresses that were signed so far run out for the service alone, and it can stop believing in the credentials.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from PIL import Image
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "reef"
ACCESS_KEY, SECRET_KEY = "AKIAPLANTEDX7Q", "Sk5wQn81Zr-planted-secret"
SIGNED = "X-Amz-Signature"
NAMES = ("a b+é#.jpg", "north/q1.JPG", "north/q2.png", "south/q3.jpeg")
"""Of the photos below 2024/, in the order of their keys; beside them lie a folder's marker and two other files."""

_REFUSAL = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Storage:
    """A server of buckets: where it is, and what it was asked. `read` and `downloaded` hold the signatures by key."""

    url: str = ""
    listings: int = 0
    read: dict[str, list[str]] = field(default_factory=dict)
    downloaded: dict[str, list[str]] = field(default_factory=dict)
    refuses: str = ""
    runs_out_once: bool = False

    def variables(self) -> dict[str, str]:
        """What boto3 finds in the environment."""
        return {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}

    def client(self) -> Any:
        """A client of the storage, to fill it with."""
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
        return boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", **keys)

    def judge(self, path: str, query: str, headers: Mapping[str, str]) -> str:
        """Note a request; the code with which it is refused, "" where it is not."""
        asked = parse_qs(query)
        if "list-type" in asked:
            self.listings += 1
        if SIGNED not in asked:
            return self.refuses if "HTTP_AUTHORIZATION" in headers else "AccessDenied"
        signature, key = asked[SIGNED][0], unquote(path).split("/", 2)[2]
        if "HTTP_RANGE" in headers:
            self.read.setdefault(key, []).append(signature)
            return self.refuses
        seen = self.downloaded.setdefault(key, [])
        seen.append(signature)
        if self.runs_out_once and len(set(seen)) == 1:
            return "AccessDenied"
        return ""


@contextmanager
def storage() -> Iterator[Storage]:
    """Storage for the time of a test, with the bucket `reef` in it."""
    held = Storage()
    moto = DomainDispatcherApplication(create_backend_app)

    def gate(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        code = held.judge(environ["PATH_INFO"].encode("latin-1").decode(), environ["QUERY_STRING"], environ)
        if not code:
            return moto(environ, start)  # type: ignore[no-any-return]
        status = "400 Bad Request" if code.startswith("Expired") else "403 Forbidden"
        start(status, [("Content-Type", "application/xml")])
        return [_REFUSAL.format(code=code, message=escape(f"refused: {environ['QUERY_STRING']}")).encode()]

    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    fill(held.client())
    try:
        yield held
    finally:
        server.shutdown()


def fill(client: Any) -> None:
    """Make the bucket, with photos and other things in it."""
    client.create_bucket(Bucket=BUCKET)
    for number, name in enumerate(NAMES):
        data = io.BytesIO()
        Image.new("RGB", (64, 48), (40 * number, 80, 120)).save(data, "PNG" if name.endswith("png") else "JPEG")
        client.put_object(Bucket=BUCKET, Key=f"2024/{name}", Body=data.getvalue())
    for other in ("2024/", "2024/readme.txt", "2024/north/q1.xmp", "2024b/elsewhere.jpg"):
        client.put_object(Bucket=BUCKET, Key=other, Body=b"no photo")
