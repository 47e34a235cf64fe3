"""A run directory and all in it is the user's own: what leads elsewhere, or what others hold, is refused by name."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from coralrun.errors import DiskError
from coralrun.store.layout import FIRST_PLAN, Layout
from coralrun.store.ownership import check_own

ANOTHER = 12_345
"""The number of a user who is not us."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "run")
    for folder in (made.root, *made.folders()):
        folder.mkdir(mode=0o700)
    made.identity.touch(mode=0o600)
    made.blob(1, 1).touch(mode=0o600)
    return made


def give_away(path: Path, mode: int) -> None:
    os.chown(path, ANOTHER, ANOTHER)
    path.chmod(mode)


def test_an_ordinary_run_and_one_that_is_not_made_yet_are_fine(layout: Layout, tmp_path: Path) -> None:
    check_own(layout)
    check_own(Layout(tmp_path / "not yet"))
    check_own(Layout(layout.identity / "below a file"))
    check_own(Layout(layout.identity))  # a file is no run directory, which others say


def test_a_link_above_the_run_directory_is_the_users_own_affair(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "scratch").symlink_to(layout.root.parent)
    check_own(Layout(tmp_path / "scratch" / "run"))


def test_a_run_directory_that_is_a_link_is_refused_with_where_it_leads(layout: Layout, tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(layout.root)
    with pytest.raises(DiskError) as refused:
        check_own(Layout(link))
    assert refused.value.message == f"{link}: a link; coralrun does not follow links in a run directory"
    assert refused.value.remedy == f"Name the directory that it leads to ({layout.root}), or put a folder in its place."


@pytest.mark.parametrize("name", ["run.json", "run.lock", "log.jsonl", "results", "state/journal-0.jsonl", "outputs/a"])
def test_a_link_in_a_run_directory_is_refused_by_name(layout: Layout, tmp_path: Path, name: str) -> None:
    path = layout.root / name
    if path.is_dir():
        path.rename(tmp_path / "elsewhere")
    path.unlink(missing_ok=True)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DiskError, match=f"{name}: a link; "):
        check_own(layout)


def test_what_coralrun_does_not_use_may_be_a_link(layout: Layout, tmp_path: Path) -> None:
    (layout.root / "photos").symlink_to(tmp_path)
    check_own(layout)


def test_what_is_neither_a_file_nor_a_folder_is_refused(layout: Layout) -> None:
    survey = layout.plan(FIRST_PLAN).survey
    survey.parent.mkdir(mode=0o700)
    os.mkfifo(survey)
    with pytest.raises(DiskError, match=r"survey\.json: neither a file nor a folder"):
        check_own(layout)
    survey.unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(layout.state / "s"))
        with pytest.raises(DiskError, match="state/s: neither a file nor a folder"):
            check_own(layout)


@as_root
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_directory_of_another_user_that_others_may_write_is_refused(layout: Layout, mode: int) -> None:
    give_away(layout.root, mode)
    with pytest.raises(DiskError) as refused:
        check_own(layout)
    assert refused.value.message == (
        f"{layout.root}: belongs to another user (number 12345), and others may write to it"
    )
    assert refused.value.remedy == (
        "Remove it, or choose another run directory (--run-dir): one that coralrun makes for you."
    )


@as_root
def test_a_directory_of_another_user_that_he_alone_may_write_is_fine(layout: Layout) -> None:
    give_away(layout.root, 0o755)
    give_away(layout.identity, 0o644)
    check_own(layout)


@as_root
@pytest.mark.parametrize("name", ["run.json", "results", "results/b00001.a1.json.gz"])
def test_what_another_user_put_into_a_shared_directory_is_refused(layout: Layout, name: str) -> None:
    layout.root.chmod(0o770)
    layout.results.chmod(0o770)
    check_own(layout)
    give_away(layout.root / name, 0o666)
    with pytest.raises(DiskError, match=f"{name}: belongs to another user"):
        check_own(layout)


@as_root
def test_where_users_have_no_numbers_links_alone_are_refused(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_away(layout.root, 0o777)
    monkeypatch.delattr(os, "geteuid")
    check_own(layout)
    layout.log.symlink_to(tmp_path)
    with pytest.raises(DiskError, match=r"log\.jsonl: a link"):
        check_own(layout)


def test_a_junction_of_windows_is_a_link(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isjunction", lambda path: path == layout.results, raising=False)
    with pytest.raises(DiskError, match="results: a link"):
        check_own(layout)


def test_a_folder_that_cannot_be_looked_into_is_named(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DiskError, match="run: Permission denied"):
        check_own(layout)


def test_a_file_that_goes_while_it_is_looked_at_is_none(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.lstat

    def gone(path: Path) -> os.stat_result:
        if path == layout.results:
            raise FileNotFoundError(2, "No such file", str(path))
        return real(path)

    monkeypatch.setattr(os, "lstat", gone)
    check_own(layout)
