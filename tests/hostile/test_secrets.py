"""Secrets planted in a real run, with faults that make everybody talk, and searched in all that it leaves behind."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.rehearsal import Desk, reef

from coralrun.sources.labelled_file import read_labelled
from coralrun.sources.manifest import read_manifest
from coralrun.sources.metadata_file import read_metadata
from coralrun.sources.names_file import read_names
from coralrun.sources.points_file import read_points

QUERY_SECRET = "Qs8xWm4Kd2"
PROXY_SECRET = "Px7vTz93Km"
UNSIGNED_NAME = "=HYPERLINK(1).jpg"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_run_with_faults_leaves_no_secret_behind_and_nothing_that_others_can_read(tmp_path: Path) -> None:
    with reef(seconds_per_image=0.1) as running:
        manifest = tmp_path / "images.csv"
        rows = [f"{name},{running.url}/source/about/?key={QUERY_SECRET},400,300" for name in ("a.jpg", UNSIGNED_NAME)]
        manifest.write_text("name,url,width,height\n" + "\n".join(rows) + "\n")
        manifest.chmod(0o600)
        proxy = f"http://somebody:{PROXY_SECRET}@127.0.0.1:9"
        desk = Desk(tmp_path, running, {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy})
        survey = desk.survey()
        survey.write_text(survey.read_text().replace("\nsampling:", "\n  - {manifest: images.csv}\nsampling:"))
        running.order(break_image="reef_site1_5m_t1_q02_20240612.jpg", remove_image="reef_site1_5m_t1_q03_20240612.jpg")
        command = [sys.executable, "-m", "coralrun", "apply", str(survey)]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=desk.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.umask(0) and None,
        )
        desk.wait_for("submitted", 1)
        running.order(bad_gateways=2, expire_urls=True)
        printed = "".join(process.communicate(timeout=120))
        assert process.returncode == 7, printed
        printed += "".join(desk.run("status", "run")) + "".join(desk.run("status", "run", "--json"))
        running.order(revoke_token=running.username)
        printed += "".join(desk.run("plan", survey, "--out", "saved.plan"))

    left = dict(desk.everything())
    run = tmp_path / "run"
    blobs = {path: gzip.decompress(data) for path, data in left.items() if path.suffix == ".gz"}
    assert blobs
    assert any(b"/source/about/" in blob for blob in blobs.values())
    secrets = (running.password, PROXY_SECRET, "Signature=", "AWSAccessKeyId", "sessionid", "csrfmiddleware", "Token ")
    for secret in secrets:
        assert secret not in printed, secret
        for path, data in [*left.items(), *blobs.items()]:
            assert secret.encode() not in data, (secret, path)
    assert QUERY_SECRET not in printed
    holders = {path for path, data in [*left.items(), *blobs.items()] if QUERY_SECRET.encode() in data}
    assert holders == {manifest, run / "plans/001/images.jsonl", tmp_path / "saved.plan"}

    private = [run, *run.rglob("*"), tmp_path / "saved.plan", *(tmp_path / ".local").rglob("*")]
    assert len(private) > 20
    for path in private:
        if path.suffix == ".lock":
            assert path.stat().st_size == 0
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        is_handed_on = path.is_relative_to(run) and path.relative_to(run).parts[:1] in (("outputs",), ("report",))
        others = 0o055 if is_handed_on else 0  # where nobody else comes: the run's own folder is private
        assert mode & ~others == (0o700 if path.is_dir() else 0o600), (path, oct(mode))
    names = (run / "outputs" / "failures.csv").read_text()
    assert f",'{UNSIGNED_NAME}," in names


@pytest.mark.parametrize("beside", ["?X-Amz-Signature=Qs8xWm4Kd2", "?key=Qs8xWm4Kd2#Qs8xWm4Kd2"])
@pytest.mark.parametrize("who", ["", "somebody:Px7vTz93Km@"])
def test_a_name_that_is_an_address_is_read_without_its_secrets_by_every_reader(who: str, beside: str) -> None:
    written = f"HTTPS://{who}reef.example/2024/a.jpg{beside}"
    table = f"name,site,row,column,label_code,url\n{written},A,1,1,CORAL,https://h.test/1.jpg\n".encode()
    names = [
        *(image.name for image in read_manifest("t.csv", table).images),
        *read_metadata("t.csv", table).rows,
        *read_points("t.csv", {"t.csv": table}),
        *(point.name for point in read_labelled("t.csv", table)),
        *read_names("t.txt", f"{written}\n".encode()),
        *read_names("t.csv", f"name\n{written}\n".encode()),
    ]
    assert names == ["HTTPS://reef.example/2024/a.jpg"] * 6
