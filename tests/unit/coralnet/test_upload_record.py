"""How fast photos went to a service, and which size it refused, is known to the next process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.contract.clocks import HandClock

from coralrun.coralnet.upload_record import MEASURED_BYTES, UploadRecord
from coralrun.planning.unfit import Unfit

REEF, OTHER = "https://coralnet.example", "https://other.example"


@dataclass(slots=True)
class Days(HandClock):
    """A clock whose day moves by hand."""

    day: int = 1

    def utc(self) -> str:
        return f"2026-11-{self.day:02}T00:00:00Z"


def test_the_speed_is_that_of_all_that_was_sent_to_the_service(tmp_path: Path) -> None:
    record = UploadRecord(Days(), REEF, tmp_path)
    assert record.bytes_per_s is None
    record.sent(3_000_000, 2.0)
    record.sent(1_000_000, 2.0)
    assert UploadRecord(Days(), REEF, tmp_path).bytes_per_s == 1_000_000
    assert UploadRecord(Days(), OTHER, tmp_path).bytes_per_s is None


def test_what_was_sent_lately_counts_most() -> None:
    record = UploadRecord(Days(), REEF)
    for _ in range(10):
        record.sent(MEASURED_BYTES, 1.0)
    record.sent(MEASURED_BYTES, 1000.0)
    assert record.bytes_per_s is not None
    assert record.bytes_per_s < MEASURED_BYTES / 400


def test_the_smallest_size_that_was_refused_is_believed_for_a_week(tmp_path: Path) -> None:
    days = Days()
    record = UploadRecord(days, REEF, tmp_path)
    record.refused(12_000_000)
    record.refused(20_000_000)
    later = UploadRecord(days, REEF, tmp_path)
    assert later.too_large(11_999_999) is None
    assert later.too_large(12_000_000) == (
        Unfit.UPLOAD_TOO_LARGE,
        "files of 12.0 MB or more, which the service's web server refused on 2026-11-01: save them smaller",
    )
    days.day = 9
    assert later.too_large(12_000_000) is None


def test_a_record_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    UploadRecord(Days(), REEF, tmp_path).sent(1, 1.0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"{}")
    assert UploadRecord(Days(), REEF, tmp_path).bytes_per_s is None
