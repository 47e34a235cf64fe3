"""A headless Chromium, driven over WebDriver: opens a page, and tells what it said, asked for, and looks like.

Debian's packages `chromium` and `chromium-driver` (`make browser` names them). Where they are absent, tests skip.
"""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
ABSENT = "Chromium is not installed: `make browser` installs Debian's packages chromium and chromium-driver"

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_PATIENT_S = 60.0


@dataclass
class Browser:
    """One window."""

    session: str

    def open(self, page: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Show a file in a window of so many CSS pixels."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", media="", features=[scheme])
        self._post("url", {"url": page.resolve().as_uri()})

    def clear(self) -> None:
        """Leave the page that Chromium itself begins with, and forget what that one asked for."""
        self._post("url", {"url": "about:blank"})
        self.said()
        self.asked_for()

    def cdp(self, command: str, **parameters: Any) -> Any:
        """One command of Chromium's own protocol."""
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        return self._post("execute/sync", {"script": f"return ({expression});", "args": []})

    def picture(self, *, whole: bool = False) -> bytes:
        """What the window shows, or the whole page, as PNG."""
        shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def printed(self) -> bytes:
        """The page as it would be printed, as PDF."""
        return base64.b64decode(self.cdp("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def said(self) -> list[str]:
        """What the console has said since last asked."""
        return [entry["message"] for entry in self._post("se/log", {"type": "browser"})]

    def asked_for(self) -> list[str]:
        """The addresses of all requests since last asked."""
        events = [json.loads(entry["message"])["message"] for entry in self._post("se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        reply = requests.post(f"{self.session}/{path}", json=body, timeout=_PATIENT_S)
        value = reply.json()["value"]
        assert reply.ok, value
        return value


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, gone afterwards."""
    assert DRIVER is not None
    assert BROWSER is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    driver = subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        session = _session(address, profile)
        try:
            browser = Browser(f"{address}/session/{session}")
            browser.clear()
            yield browser
        finally:
            requests.delete(f"{address}/session/{session}", timeout=_PATIENT_S)
    finally:
        driver.terminate()
        driver.wait(_PATIENT_S)


def _session(address: str, profile: Path) -> str:
    options = {"binary": BROWSER, "args": [*_FLAGS, f"--user-data-dir={profile}"]}
    capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    deadline = time.monotonic() + _PATIENT_S
    while True:
        try:
            reply = requests.post(
                f"{address}/session", json={"capabilities": {"alwaysMatch": capabilities}}, timeout=_PATIENT_S
            )
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "chromedriver does not listen"
            time.sleep(0.1)
            continue
        value = reply.json()["value"]
        assert reply.ok, value
        return str(value["sessionId"])
