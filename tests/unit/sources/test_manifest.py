"""Manifests as people have them, and every complaint about them."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from coralrun.errors import InvalidInput
from coralrun.plan.model import Size
from coralrun.sources.manifest import read_manifest

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"


def urls(text: str) -> list[str | None]:
    return [image.url for image in read_manifest("images.csv", text.encode())]


def complaints(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidInput) as problem:
        read_manifest("images.csv", data if isinstance(data, bytes) else data.encode())
    return [str(each) for each in problem.value.problems]


def test_an_image_has_its_name_url_size_and_the_line_it_stands_on() -> None:
    (first, second) = read_manifest(
        "lists/images.csv",
        b"name,url,width,height,site\na.jpg,https://reef.example/a.jpg,4000,3000,Moorea\nb.jpg,http://reef.example/b,,,\n",
    )
    assert (first.name, first.url, first.size) == ("a.jpg", "https://reef.example/a.jpg", Size(4000, 3000))
    assert first.place == "lists/images.csv:2"
    assert (second.name, second.url, second.size) == ("b.jpg", "http://reef.example/b", None)
    assert second.place == "lists/images.csv:3"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_line_end_a_bom_any_case_and_blanks_in_the_header_are_read(line_end: str, mark: str) -> None:
    text = mark + line_end.join(
        [",NAME , Url", "0, a.jpg ,https://reef.example/a", "", "1,b.jpg,https://reef.example/b"]
    )
    images = read_manifest("images.csv", text.encode())
    assert [(image.name, image.place) for image in images] == [("a.jpg", "images.csv:2"), ("b.jpg", "images.csv:4")]


def test_names_with_commas_quotes_line_ends_and_emoji_are_kept() -> None:
    names = ["a,b.jpg", 'the "good" one.jpg', "two\nlines.jpg", "🐠.jpg", "=1+1", "../up.jpg", "a#b.jpg"]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([["name", "url"], *([name, "https://reef.example/x"] for name in names)])
    images = read_manifest("images.csv", buffer.getvalue().encode())
    assert [image.name for image in images] == names
    assert images[3].place == "images.csv:6"  # the name on line 4 goes on to line 5


def test_blanks_and_other_than_ascii_in_a_url_are_percent_encoded_and_what_is_encoded_stays() -> None:
    assert urls(
        "name,url\na,https://reef.example/my photos/é🐠.jpg?q=a b&c=%20#top\nb,https://récif.example:8443/a.jpg\n"
    ) == [
        "https://reef.example/my%20photos/%C3%A9%F0%9F%90%A0.jpg?q=a%20b&c=%20#top",
        "https://xn--rcif-bpa.example:8443/a.jpg",
    ]


def test_a_signed_url_is_kept_as_it_is() -> None:
    url = "https://bucket.s3.example/a.jpg?X-Amz-Signature=abc%2Bdef%3D&Expires=1795368316&k=a+b/c~d"
    assert urls(f"name,url\na,{url}\n") == [url]


def test_all_problems_are_told_at_once_each_with_its_line() -> None:
    text = (
        "name,url,width,height\n"
        "a.jpg,,,\n"
        "b.jpg,ftp://reef.example/b,,\n"
        ",https://reef.example/c,,\n"
        "d.jpg,https://reef.example/d,4000,\n"
        "e.jpg,https://reef.example/e,4000,-1\n"
        "f.jpg,https://reef.example/f,1,1\n"
        "f.jpg,https://reef.example/g,1,1\n"
        "g,h.jpg,https://reef.example/h,1,1\n"
    )
    size = "width and height are whole numbers of pixels, 1 or more, and stand both or neither"
    assert complaints(text) == [
        "images.csv:2: there is no url",
        "images.csv:3: the url must begin with https:// or http://",
        "images.csv:4: there is no name",
        f"images.csv:5: {size}",
        f"images.csv:6: {size}",
        "images.csv:8: the name `f.jpg` is already on line 7: names must differ",
        "images.csv:9: 5 cells, where the header has 4: quote a name with a comma in it",
    ]


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    (complaint,) = complaints("name,url\na.jpg,https://alice:hunter2@reef.example/a.jpg\n")
    assert "user name or password" in complaint
    assert "alice" not in complaint
    assert "hunter2" not in complaint


@pytest.mark.parametrize(
    "url",
    ["https://", "https:///a.jpg", "https://[::1/a.jpg", "https://reef.example:99999/a", '"https://a.b/\nc"', "//a"],
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    (complaint,) = complaints(f"name,url\na.jpg,{url}\n")
    assert complaint.startswith("images.csv:2: the url ")


def test_sizes_that_a_spreadsheet_turned_into_decimals_are_read() -> None:
    (image,) = read_manifest("images.csv", b"name,url,width,height\na,https://reef.example/a,4000.0,3000.0\n")
    assert image.size == Size(4000, 3000)


def test_a_header_without_the_columns_says_what_was_found() -> None:
    assert complaints("id,key,path_best\n1,a,b\n") == [
        "images.csv:1: there is no column `name`: the header needs name, url; it has id, key, path_best; "
        "a column of another name is named in the survey: `columns: {name: ...}`"
    ]
    assert complaints("name,url,URL\n")[0] == "images.csv:1: the header has `url` twice: keep one of the two columns"


def test_a_file_that_is_not_utf_8_says_on_which_line_and_what_to_do() -> None:
    data = "name,url\na.jpg,https://reef.example/a\nrécif.jpg,https://reef.example/b\n".encode("latin-1")
    assert complaints(data) == [
        "images.csv:3: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like windows-1252, which `encoding: windows-1252` beside a table's path reads"
    ]
    assert "not UTF-8" in complaints("name,url\n".encode("utf-16"))[0]
    assert "NUL" in complaints("name,url\n".encode("utf-16-be"))[0]


def test_an_open_quotation_mark_is_told_at_the_line_where_it_opens() -> None:
    text = 'name,url\na.jpg,https://reef.example/a\n"b.jpg,https://reef.example/b\nc.jpg,https://reef.example/c\n'
    (complaint,) = complaints(text)
    assert complaint.startswith("images.csv:3: the line cannot be read as CSV")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b" , \n"])
def test_an_empty_file_says_what_it_needs(data: bytes) -> None:
    assert complaints(data) == ["images.csv: the file is empty: it needs a header with name, url"]


def test_after_a_hundred_problems_the_others_are_counted() -> None:
    told = complaints("name,url\n" + "a.jpg,\n" * 103)
    assert len(told) == 101
    assert told[-1] == "images.csv: and 3 more problems like these"


def test_a_real_list_of_media_on_public_storage_is_read() -> None:
    path = SHARED / "squidle-urls" / "squidle_media_urls.csv"
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    data = path.read_bytes()
    assert "it has (no heading), id, key, path_best" in complaints(data)[0]
    header, _, rest = data.partition(b"\n")
    images = read_manifest("images.csv", header.replace(b"key", b"name").replace(b"path_best", b"url") + b"\n" + rest)
    assert len(images) == 300
    assert all(str(image.url).startswith("https://s3-ap-southeast-2.amazonaws.com/imos-data/") for image in images)


PLAN_A_MANIFEST = """
import resource, sys, time
from pathlib import Path
from coralrun.plan import codec
from coralrun.plan.compile import compile_plan
from coralrun.plan.model import Classifier
from coralrun.sources.manifest import read_manifest
from coralrun.spec.model import *
source = ManifestSource(path="images.csv")
survey = Survey(file="survey.yaml", name="s", service="emulator", classifier=ClassifierChoice(id=1), sources=(source,),
    images=ImageSampling(count=10_000), points=PointDesign(method=Method.UNIFORM_GRID, cell_rows=10, cell_columns=20),
    run=RunOptions(), outputs=Outputs(directory="out"))
data = sys.stdin.buffer.read()
start = time.perf_counter()
found = read_manifest("images.csv", data)
plan = compile_plan(survey, [(source, found)], Classifier(id=1), "", {}, None)
assert codec.decode(codec.encode(plan)) == plan
if sys.platform == "linux":  # where ru_maxrss counts what the parent held before this process began
    megabytes = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
else:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
print(len(found), len(plan.images), time.perf_counter() - start, megabytes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is measured by the resource module")
def test_planning_fifteen_thousand_real_names_takes_under_ten_seconds_and_300_megabytes() -> None:
    path = SHARED / "intermareal-15k" / "metadata.csv.gz"
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as table:
        names = [row["Name"] for row in csv.DictReader(table)]
    text = "name,url\n" + "".join(f"{name},https://reef.example/{quote(name)}\n" for name in names)
    done = subprocess.run([sys.executable, "-c", PLAN_A_MANIFEST], input=text.encode(), capture_output=True, check=True)
    found, planned, seconds, megabytes = done.stdout.split()
    assert (int(found), int(planned)) == (15_695, 10_000)
    assert float(seconds) < 10
    assert float(megabytes) < 300
