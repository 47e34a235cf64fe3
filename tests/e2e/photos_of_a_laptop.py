"""200 photos of a laptop, of which 150 are new to a source, 20 are there, and 30 cannot go for 9 reasons."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.contract.uploading import photo
from tests.e2e.rehearsal import Desk, Reef

from coralrun.emulator.site import Photo

SOURCE = 2
ODD = ("ü ö", "e\u0301\u00e9", "\U0001f420", "q'\"", "#1", "50%25", "a+b&c", "a;b,c", "a\\b", "<i>", "a..", "a\tb", "İ")


def new_photos() -> dict[str, bytes]:
    """150 photos with odd names, each another."""
    names = [f"north/{ODD[number % len(ODD)]} {number}.jpg" for number in range(150)]
    return {name: photo(side=20 + number) for number, name in enumerate(names)}


def refused_photos() -> dict[str, bytes]:
    """30 photos that cannot go, for 9 reasons."""
    kinds: list[tuple[str, bytes]] = [
        ("x/ blank {}.jpg ", photo()),
        ("x/" + "n" * 199 + "{}.jpg", photo()),
        ("x/Case {}.jpg", photo()),
        ("x/tiff {}.jpg", photo(kind="TIFF")),
        ("x/wide {}.png", photo(side=8001, kind="PNG")),
        ("x/cut {}.jpg", photo(side=400)[:-40]),
        ("x/empty {}.jpg", b""),
        ("taken {}.jpg", photo(side=50)),
    ]
    found = {name.format(number): data for number in range(3) for name, data in kinds}
    found |= {f"x/cASE {number}.jpg": photo() for number in range(3)}
    return found | {f"x/large {number}.jpg": photo() + bytes(30 * 1024 * 1024) for number in range(3)}


def put(server: Reef, name: str, data: bytes, side: int) -> None:
    """Let the source have a photo before."""
    site = server.service.site
    number = 1000 + len(site.photos_by_id)
    there = Photo(number, name, f"images/there{number}.jpg", side, 9, partial(bytes, data))
    site.put_photo(site.sources_by_id[SOURCE], there)


def laid_out(folder: Path, server: Reef) -> Path:
    """The photos in a folder, those that are there at the source, and a survey; its path."""
    new, refused = new_photos(), refused_photos()
    there = {f"there {number}.jpg": photo(side=300 + number) for number in range(20)}
    assert (len(new), len(refused), len(there)) == (150, 30, 20)
    for name, data in (new | refused | there).items():
        (folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "photos" / name).write_bytes(data)
    for number, (name, data) in enumerate(there.items()):
        put(server, name, data, 300 + number)
    for number in range(3):
        put(server, f"TAKEN {number}.jpg", photo(side=51), 51)
    return Desk(folder, server).survey(
        source=f"{{folder: photos/, upload_to: {{coralnet: {SOURCE}, exif: keep}}}}",
        points="{method: simple random, number_of_points: 2}",
        batch_size=100,
    )
