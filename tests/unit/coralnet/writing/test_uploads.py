"""The client's uploads, beside the embedded CoralNet: an outcome for whatever comes of each."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.contract.clocks import HandClock
from tests.contract.peers import handle_of
from tests.contract.uploading import photo
from tests.emulator_faults import Faults

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.codec import upload_pages
from coralrun.coralnet.codec.upload_pages import Denied
from coralrun.coralnet.codec.wire import NotUnderstood
from coralrun.coralnet.reading.site import Site
from coralrun.coralnet.reading.upload_place import upload_place
from coralrun.coralnet.upload_record import UploadRecord
from coralrun.coralnet.writing.uploads import CoralNetUploads
from coralrun.emulator.demo import OTHER_PASSWORD, OTHER_USERNAME, PASSWORD, USERNAME, Settings, drawn_service
from coralrun.emulator.service import CoralNet
from coralrun.errors import CredentialsError
from coralrun.http.client import Reply
from coralrun.http.files import PublicFiles
from coralrun.machine.outcomes import (
    Compared,
    Missing,
    Names,
    NotTaken,
    Stored,
    Trouble,
    TroubleKind,
    Unknown,
    Unusable,
)
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size, Upload
from coralrun.planning.unfit import Unfit
from coralrun.sources.folder_images import FolderImages

BASE = "http://127.0.0.1:1"


class Bench:
    """A folder of photos, the client, and the embedded CoralNet with its faults."""

    def __init__(self, folder: Path, username: str = USERNAME, password: str = PASSWORD) -> None:
        clock = HandClock()
        self.folder = folder
        self.service: CoralNet = drawn_service(clock, Settings(base_url=BASE), images=3)
        self.faults = Faults(self.service)
        http = Http(BASE, clock, handle_of(self.service))
        self.site = Site(http, WebRate(clock, 1000.0), Credentials(username, password=password))
        self.record = UploadRecord(clock, BASE)
        folders = FolderImages({"folder:photos": str(folder)})
        self.uploads = CoralNetUploads(self.site.session, self.site, PublicFiles(http), folders, self.record)

    def planned(
        self, name: str = "a.jpg", content: bytes = photo(), sent: bytes | None = None, to: str = "1"
    ) -> PlannedImage:
        """A photo in the folder, as a plan has it."""
        (self.folder / name).write_bytes(content)
        digest, of_sent = (hashlib.sha256(data).hexdigest() for data in (content, sent or content))
        upload = Upload(to, of_sent)
        return PlannedImage(
            key=name, source="folder:photos", name=name, points=1, sha256=digest, size=Size(12, 9), upload=upload
        )

    def stored(self) -> list[bytes]:
        """What is in the source under names that begin with `a`."""
        return [photo.load() for photo in self.service.site.sources_by_id[1].photos if photo.name.startswith("a")]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_photo_is_stored_as_it_is_in_the_folder(bench: Bench) -> None:
    sent = bench.uploads.send(bench.planned())
    assert isinstance(sent, Stored)
    assert bench.stored() == [photo()]
    assert bench.uploads.compare(sent.id, hashlib.sha256(photo()).hexdigest()) == Compared(same=True)
    assert bench.uploads.compare(sent.id, "0" * 64) == Compared(same=False)


def test_names_are_told_free_or_with_what_has_them(bench: Bench) -> None:
    bench.uploads.send(bench.planned(name="a/ü \"1'.jpg".replace("/", "-")))
    taken = bench.service.site.sources_by_id[1].photos[-1]
    assert bench.uploads.names([f"1/{taken.name}", "1/b.jpg"]) == Names((str(taken.id), ""))


def test_a_png_is_sent_under_the_ending_of_one(bench: Bench) -> None:
    assert isinstance(bench.uploads.send(bench.planned(content=photo(kind="PNG"))), Stored)


def test_a_file_that_was_changed_since_it_was_planned_is_not_sent(bench: Bench) -> None:
    planned = bench.planned()
    (bench.folder / "a.jpg").write_bytes(photo(side=20))
    assert bench.uploads.send(planned) == Unusable(Reason.CHANGED)
    assert bench.uploads.send(bench.planned(sent=photo(side=20))) == Unusable(Reason.CHANGED)
    (bench.folder / "a.jpg").unlink()
    assert bench.uploads.send(planned) == Unusable(Reason.NOT_FOUND)
    assert bench.stored() == []


def test_a_photo_that_is_there_already_is_never_replaced(bench: Bench) -> None:
    bench.uploads.send(bench.planned())
    assert bench.uploads.send(bench.planned(content=photo(side=20))) == Unknown("the name is taken")
    assert bench.stored() == [photo()]


def test_a_photo_that_coralnet_refuses_ends_with_its_words(bench: Bench) -> None:
    refused = bench.uploads.send(bench.planned(content=photo(kind="GIF")))
    assert refused == NotTaken(Reason.UPLOAD_REFUSED, "Image file: This image file format isn't supported.")
    bench.service.upload_bytes = 100
    assert bench.uploads.send(bench.planned()) == NotTaken(Reason.UPLOAD_TOO_LARGE, "HTTP 413")


def test_a_size_that_the_web_server_refused_is_not_tried_again_for_some_days(bench: Bench) -> None:
    bench.service.upload_bytes = 1_000
    large = bench.planned(content=photo(side=300))
    asked = bench.uploads.send(large), bench.faults.requests
    why = "files of 0.0 MB or more, which the service's web server refused on 2026-11-22: save them smaller"
    assert bench.uploads.send(large) == NotTaken(Reason.UPLOAD_TOO_LARGE, why)
    assert bench.faults.requests == asked[1]
    place = upload_place(bench.site, 1, bench.record)
    assert place.refused_size(len(photo(side=300))) == (Unfit.UPLOAD_TOO_LARGE, why)
    assert place.refused_size(len(photo())) is None
    assert isinstance(bench.uploads.send(bench.planned(name="b.jpg")), Stored)


@pytest.mark.parametrize("times", [1, 3])
def test_a_session_that_has_ended_is_opened_anew(bench: Bench, times: int) -> None:
    bench.uploads.names(["1/a.jpg"])
    bench.service.identity.end_sessions()
    bench.faults.short_sessions = times - 1
    assert isinstance(bench.uploads.send(bench.planned()), Stored)
    assert bench.stored() == [photo()]


def test_sessions_that_never_hold_are_the_services_trouble(bench: Bench) -> None:
    bench.faults.short_sessions = 99
    answer = bench.uploads.send(bench.planned())
    assert isinstance(answer, Trouble) and answer.kind is TroubleKind.UNREACHABLE
    assert bench.stored() == []


def test_an_account_that_may_not_edit_is_told_so_and_nothing_is_sent(tmp_path: Path) -> None:
    bench = Bench(tmp_path, OTHER_USERNAME, OTHER_PASSWORD)
    refused = Trouble(TroubleKind.CREDENTIALS, "the account may not edit /source/1")
    assert bench.uploads.names(["1/a.jpg"]) == bench.uploads.send(bench.planned()) == refused
    with pytest.raises(CredentialsError, match="may not see the uploads of source 1"):
        upload_place(bench.site, 1, bench.record)


def test_a_source_that_is_gone_is_told_so(bench: Bench) -> None:
    gone = Trouble(TroubleKind.CREDENTIALS, "there is no /source/99 any more")
    assert bench.uploads.names(["99/a.jpg"]) == bench.uploads.send(bench.planned(to="99")) == gone


@pytest.mark.parametrize(("fault", "arrives"), [("lost_replies_of", 1), ("lost_requests_of", 0), ("errors_of", 0)])
def test_what_cannot_be_known_is_said_not_to_be(bench: Bench, fault: str, arrives: int) -> None:
    getattr(bench.faults, fault).append("images_ajax")
    assert isinstance(bench.uploads.send(bench.planned()), Unknown)
    assert len(bench.stored()) == arrives
    getattr(bench.faults, fault).append("images_preview_ajax")
    answer = bench.uploads.names(["1/a.jpg"])
    assert isinstance(answer, Trouble) and answer.kind is TroubleKind.UNREACHABLE


def test_a_name_that_only_the_database_knows_as_taken_is_sent_and_not_stored(bench: Bench) -> None:
    bench.uploads.send(bench.planned(name="a\u0130.jpg"))
    assert bench.uploads.names(["1/ai.jpg"]) == Names(("",))
    assert bench.uploads.send(bench.planned(name="ai.jpg", content=photo(side=20))) == Unknown("HTTP 500")
    assert bench.stored() == [photo()]


def test_a_photo_that_was_taken_out_is_missing(bench: Bench) -> None:
    assert bench.uploads.compare("4711", "0" * 64) == Missing()


def test_a_photo_that_cannot_be_read_is_trouble(bench: Bench) -> None:
    bench.faults.lost_requests_of += ["/view/", "/media/"]
    assert isinstance(bench.uploads.compare("1", "0" * 64), Trouble)
    assert isinstance(bench.uploads.compare("1", "0" * 64), Trouble)


def test_a_place_tells_what_becomes_of_photos_there(bench: Bench) -> None:
    public, private = (upload_place(bench.site, number, bench.record) for number in (1, 2))
    assert (public.named, public.is_public, private.is_public) == ("source 1 (Demo reef)", True, False)
    assert (public.points, public.area) == ("Simple random, 10 points", "X: 0 - 100% / Y: 0 - 100%")
    assert public.size_of("1") == Size(480, 360)
    assert public.size_of("4711") is None


def test_names_of_two_sources_are_a_defect(bench: Bench) -> None:
    with pytest.raises(ValueError, match="several sources"):
        bench.uploads.names(["1/a.jpg", "2/a.jpg"])


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"success": true}', "neither an error nor an image"),
        (b'{"success": true, "image_id": true}', "neither an error nor an image"),
        (b'{"error": "Something else"}', "Something else"),
        (b"[]", "not an object"),
        (b"<html>", "not JSON"),
    ],
)
def test_an_answer_of_another_form_leaves_the_photo_in_doubt(body: bytes, outcome: str) -> None:
    assert upload_pages.read_upload(Reply(200, {}, body)) == Unknown(outcome)


@pytest.mark.parametrize(
    "body",
    [
        b'{"statuses": [{"ok": true}, {"ok": true}]}',
        b'{"statuses": ["ok"]}',
        b'{"statuses": [{"error": "Exceeds size limit of 30.00 MB"}]}',
        b'{"statuses": [{"error": "exists", "url": "https://elsewhere/image/1/view/"}]}',
    ],
)
def test_names_that_are_answered_in_another_form_are_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        upload_pages.read_names(Reply(200, {}, body), 1)


def test_no_permission_is_no_answer() -> None:
    body = b'{"error": "You don\'t have permission to access this part of this source."}'
    assert isinstance(upload_pages.read_names(Reply(200, {}, body), 1), Denied)
    assert isinstance(upload_pages.read_upload(Reply(200, {}, body)), Denied)


def test_a_form_without_its_settings_is_not_understood() -> None:
    with pytest.raises(NotUnderstood, match="no settings of points"):
        upload_pages.read_form(b"<html></html>")
