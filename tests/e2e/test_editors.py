"""An editor that speaks to yaml-language-server completes a survey that `coralrun init` wrote, and underlines mistakes.

Source: the Language Server Protocol 3.17; `make browser` installs the server.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest
from tests.docs.markdown import ROOT
from typer.testing import CliRunner

from coralrun.cli.main import app

SERVER = ROOT / ".node" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not SERVER.exists(), reason="yaml-language-server is not installed: `make browser` installs it"
)


_UNDERLINES = "textDocument/publishDiagnostics"


class Editor:
    """An editor with one file open."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        assert server.stdin is not None and server.stdout is not None
        self._to: IO[bytes] = server.stdin
        self._from: IO[bytes] = server.stdout
        self._numbers = count(1)
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})
        settings = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def tell(self, method: str, params: dict[str, Any], **ours: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **ours}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._to.flush()

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self.tell(method, params, id=number)
        return next(message["result"] for message in self.messages() if message.get("id") == number)

    def open(self, path: Path, text: str) -> str:
        """Open a file that has this text; its address."""
        path.write_text(text, encoding="utf-8")
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return path.as_uri()

    def problems_of(self, uri: str) -> list[dict[str, Any]]:
        """What is underlined in an open file, once something is."""
        said = (message["params"] for message in self.messages() if message.get("method") == _UNDERLINES)
        return next(one["diagnostics"] for one in said if one["uri"] == uri and one["diagnostics"])

    def messages(self) -> Iterator[dict[str, Any]]:
        """What the server says; whatever it asks is answered with nothing."""
        while True:
            length = 0
            while line := self._from.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            message: dict[str, Any] = json.loads(self._from.read(length))
            if "method" in message and "id" in message:
                body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": [{}]}).encode()
                self._to.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                self._to.flush()
            yield message


@pytest.fixture
def editor() -> Iterator[Editor]:
    assert NODE is not None
    server = subprocess.Popen(
        [NODE, str(SERVER), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield Editor(server)
    finally:
        server.kill()
        server.communicate()


def test_keys_are_completed_and_a_misspelt_one_is_underlined(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["init", "--images", "3420"]).exit_code == 0
    written = Path("survey.yaml").read_text(encoding="utf-8")
    end = written.count("\n")
    for name, mistake, underlined, said in (
        ("key", "run: {patiense: 5s}", len("run: {"), "Property patiense is not allowed."),
        ("inner", "design: {strata: {feild: zone}}", len("design: {strata: {"), "Property feild is not allowed."),
        ("kind", "run: 5", len("run: "), "must be a mapping such as {batch_size: 100, concurrency: 5}"),
    ):
        uri = editor.open(tmp_path / f"{name}.yaml", f"{written}{mistake}\n")
        found = {(one["message"], *one["range"]["start"].values()) for one in editor.problems_of(uri)}
        assert (said, end, underlined) in found, found

    begun = f"{written}cov"
    uri = editor.open(tmp_path / "begun.yaml", begun)
    place = {"line": begun.count("\n"), "character": len("cov")}
    offered = editor.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place})
    labels = {item["label"] for item in (offered["items"] if isinstance(offered, dict) else offered)}
    assert {"cover", "design", "run"} <= labels
    assert "sampling" not in labels  # it stands there already
