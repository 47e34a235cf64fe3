"""Files that a person names: regular ones are read, of anything else it is said what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.results.finished_runs import Photo, finished_run, sure
from typer.testing import CliRunner

from coralrun.cli.main import app
from coralrun.files.given import beginning_of, read_given

A_PIPE = "a pipe or a device, not a file: save what it gives as a file"
UNIX = pytest.mark.skipif(os.name != "posix", reason="only POSIX has such files in the file system")


def refused(path: Path) -> str:
    with pytest.raises(OSError) as error:
        read_given(path, 1000)
    return str(error.value.strerror)


def test_a_file_is_read_whole_or_its_beginning_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name\r\na.jpg\r\n")
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to("a.csv")
    assert read_given(tmp_path / "a.csv") == read_given(tmp_path / "link") == b"name\r\na.jpg\r\n"
    assert (beginning_of(tmp_path / "a.csv", 4), beginning_of(tmp_path / "empty", 4)) == (b"name", b"")
    assert (read_given(tmp_path / "a.csv", 13), read_given(tmp_path / "empty")) == (b"name\r\na.jpg\r\n", b"")


@UNIX
def test_a_pipe_is_not_waited_for_and_a_device_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    assert [refused(tmp_path / "pipe"), refused(tmp_path / "link"), refused(tmp_path)] == [
        A_PIPE,
        A_PIPE,
        "a folder, not a file",
    ]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(10**12)
    assert refused(tmp_path / "huge.csv") == "more than 1,000 bytes, too large to be read"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="there is no /proc here")
def test_a_file_that_says_it_is_empty_and_is_not_is_read_within_the_bound() -> None:
    assert Path("/proc/self/maps").stat().st_size == 0
    assert len(beginning_of(Path("/proc/self/maps"), 20)) == 20
    assert refused(Path("/proc/self/maps")) == "more than 1,000 bytes, too large to be read"


SURVEY = """\
version: 1
name: pipes
service: emulator
classifier: {id: 1}
sources: [{manifest: images, filters: {names_from: names}}]
sampling: {points: {from: points}}
metadata: sites
design: {strata: {field: site, areas: areas}}
cover: {groups: groups}
"""


@UNIX
def test_every_file_of_a_survey_is_a_regular_one_and_each_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("images", "names", "groups"):
        os.mkfifo(name)
    for name in ("points", "sites"):
        Path(name).symlink_to("/dev/zero")
    Path("areas").mkdir()
    Path("survey.yaml").write_text(SURVEY)
    ran = CliRunner().invoke(app, ["validate", "survey.yaml"])
    said = ran.output.splitlines()
    roles = {"names": "5:52", "points": "6:27", "sites": "7:11", "groups": "9:17", "images": "5:22"}
    assert ran.exit_code == 2
    for name, place in roles.items():
        assert f"survey.yaml:{place}: {name}: {A_PIPE}" in said
    assert "survey.yaml:8:39: areas: a folder, not a file" in said


@UNIX
@pytest.mark.parametrize(
    "words",
    [
        "validate pipe",
        "plan pipe",
        "apply pipe",
        "apply survey.yaml",
        "accuracy run --truth pipe",
        "review import run pipe",
        "export run --format carbonate --rates pipe",
    ],
)
def test_every_file_of_a_command_is_a_regular_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    finished_run(tmp_path / "run", [Photo("a.jpg", sure("A"))])
    os.mkfifo("pipe")
    Path("survey.yaml").write_text("version: 1\nextends: pipe\n")
    ran = CliRunner().invoke(app, words.split())
    assert (ran.exit_code, A_PIPE in ran.output) == (2, True)
