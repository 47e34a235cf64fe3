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
from coralrun.planning.image_checks import same_url
from coralrun.planning.images import Size
from coralrun.planning.model import Listing
from coralrun.sources.manifest import read_manifest
from coralrun.spec.model import Reading
from coralrun.spec.point_design import AnnotationArea, AreaUnit

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"


def urls(text: str) -> list[str | None]:
    return [image.url for image in read_manifest("images.csv", text.encode()).images]


def complaints(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidInput) as problem:
        read_manifest("images.csv", data if isinstance(data, bytes) else data.encode())
    return [str(found) for found in problem.value.problems]


def test_an_image_has_its_name_url_size_and_the_line_it_stands_on() -> None:
    (first, second) = read_manifest(
        "lists/images.csv",
        b"name,url,width,height,site\na.jpg,https://reef.example/a.jpg,4000,3000,Moorea\nb.jpg,http://reef.example/b,,,\n",
    ).images
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
    images = read_manifest("images.csv", text.encode()).images
    assert [(image.name, image.place) for image in images] == [("a.jpg", "images.csv:2"), ("b.jpg", "images.csv:4")]


def test_names_with_commas_quotes_line_ends_and_emoji_are_kept() -> None:
    names = ["a,b.jpg", 'the "good" one.jpg', "two\nlines.jpg", "🐠.jpg", "=1+1", "../up.jpg", "a#b.jpg"]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([["name", "url"], *([name, "https://reef.example/x"] for name in names)])
    images = read_manifest("images.csv", buffer.getvalue().encode()).images
    assert [image.name for image in images] == names
    assert images[3].place == "images.csv:6"  # the name on line 4 goes on to line 5


def test_a_url_is_percent_encoded_and_what_is_encoded_stays() -> None:
    assert urls(
        "name,url\na,https://reef.example/my photos/é🐠.jpg?q=a b&c=%20#top\nb,https://récif.example:8443/a.jpg\n"
    ) == [
        "https://reef.example/my%20photos/%C3%A9%F0%9F%90%A0.jpg?q=a%20b&c=%20%23top",
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
    size = "they are whole numbers of pixels, 1 or more, and stand both or neither"
    assert complaints(text) == [
        "images.csv:2: there is no url",
        "images.csv:3: the url must begin with https:// or http://",
        "images.csv:4: there is no name",
        f"images.csv:5: width and height are `4000` and nothing: {size}",
        f"images.csv:6: width and height are `4000` and `-1`: {size}",
        "images.csv:8: the name `f.jpg` is already on line 7: names must differ",
        "images.csv:9: 5 cells, where the header has 4: quote a name with a comma in it",
    ]


def test_a_table_that_r_wrote_with_row_names_and_gaps_is_read() -> None:
    text = (
        '"ï..Image.name","image.url","width","height","annotation.area","site"\n'
        '"1","a.jpg","https://reef.example/a",4000,3000,NA,"North"\n'
        '"2","b.jpg","https://reef.example/b",NA,NA,"X: 5 - 95% / Y: 5 - 95%",NA\n'
    )
    first, second = read_manifest("images.csv", text.encode()).images
    assert (first.name, first.url, first.size, first.area) == (
        "a.jpg",
        "https://reef.example/a",
        Size(4000, 3000),
        None,
    )
    assert (second.size, second.area) == (None, AnnotationArea(x=(5, 95), y=(5, 95)))
    assert (second.fields, second.metadata) == (("site",), ("NA",))
    assert complaints("name,url\na.jpg,NA\n") == ["images.csv:2: there is no url"]


def test_a_name_with_a_comma_in_it_is_no_row_name() -> None:
    assert complaints("name,url\na,b.jpg,https://reef.example/a\n") == [
        "images.csv:2: 3 cells, where the header has 2: quote a name with a comma in it"
    ]


def test_of_two_columns_of_names_the_one_written_as_usual_is_taken() -> None:
    (image,) = read_manifest("images.csv", b"image.name,image_name,url\nx,a.jpg,https://reef.example/a\n").images
    assert (image.name, image.fields) == ("a.jpg", ("image.name",))


def test_a_table_with_a_row_a_point_is_a_manifest_of_its_images() -> None:
    rows = "".join(
        f"{name},https://reef.example/{name},{site},{row},{row}\n"
        for name, site in (("a.jpg", "North"), ("b.jpg", "South"))
        for row in (1, 2, 3)
    )
    said: list[str] = []
    found = read_manifest("images.csv", f"name,url,site,row,column\n{rows}".encode(), None, said.append).images
    assert [(image.name, image.fields, image.metadata, image.place) for image in found] == [
        ("a.jpg", ("site",), ("North",), "images.csv:2"),
        ("b.jpg", ("site",), ("South",), "images.csv:5"),
    ]
    assert said == [
        "images.csv: it has several rows an image; what differs within an image is left out: `row`, `column`"
    ]


def test_an_image_in_several_rows_is_told_that_a_row_is_an_image() -> None:
    rows = "a.jpg,https://reef.example/a\n" * 2 + "a.jpg,https://reef.example/b\n"
    assert complaints(f"name,url\n{rows}") == [
        "images.csv:3: the image `a.jpg` is already on line 2: a manifest has one row an image",
        "images.csv:4: the name `a.jpg` is already on line 2: names must differ",
    ]


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    assert complaints("name,url\na.jpg,https://alice:hunter2@reef.example/a.jpg\n") == [
        "images.csv:2: the url has a user name or password in it: the service needs one that anybody may open"
    ]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://", "the url has no host"),
        ("https:///a.jpg", "the url has no host"),
        ("https://[::1/a.jpg", "the url cannot be read: check its host and port"),
        ("https://reef.example:99999/a", "the url cannot be read: check its host and port"),
        ('"https://a.b/\nc"', "the url has a line end or another control character in it"),
        (
            "//a",
            "the url must begin with https:// or http://: a file on this computer cannot be fetched by the service",
        ),
        ("https://my reef.example/a", "the url's host has a blank in it"),
        (f"https://{'é' * 70}.example/a", "the url's host is not a valid name"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    assert complaints(f"name,url\na.jpg,{url}\n") == [f"images.csv:2: {said}"]


def test_sizes_that_a_spreadsheet_turned_into_decimals_are_read() -> None:
    (image,) = read_manifest("images.csv", b"name,url,width,height\na,https://reef.example/a,4000.0,3000.0\n").images
    assert image.size == Size(4000, 3000)


def test_a_size_in_thousands_with_points_is_not_taken_for_one_of_a_few_pixels() -> None:
    (said,) = complaints("name;url;width;height\na;https://reef.example/a;4.000;3.000\n")
    assert said.startswith("images.csv:2: width and height are `4.000` and `3.000`: they are whole numbers of pixels")


def test_a_header_without_the_columns_says_what_was_found() -> None:
    assert complaints("id,name,address\n1,a,b\n") == [
        "images.csv:1: there is no column `url`: the header needs url; it has id, name, address; "
        "a column of another name is named in the survey: `columns: {url: ...}`; photos on this computer need no "
        "table, but their folder: `- folder: photos`"
    ]
    assert complaints("name,url,URL\n") == ["images.csv:1: the header has `url` twice: keep one of the two columns"]


def test_a_file_that_is_not_utf_8_says_on_which_line_and_what_to_do() -> None:
    data = "name,url\na.jpg,https://reef.example/a\nrécif.jpg,https://reef.example/b\n".encode("latin-1")
    assert complaints(data) == [
        "images.csv:3: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like windows-1252, which `encoding: windows-1252` beside the table's path in the survey reads"
    ]
    assert complaints("name,url\n".encode("utf-16")) == [
        "images.csv:1: this is not UTF-8 text: save the file as UTF-8 (in Excel: `CSV UTF-8 (Comma delimited)`); "
        "it looks like utf-16, which `encoding: utf-16` beside the table's path in the survey reads"
    ]
    assert complaints("name,url\n".encode("utf-16-be")) == [
        "images.csv:1: there is a NUL character: save the file as CSV in UTF-8"
    ]


def test_an_open_quotation_mark_is_told_at_the_line_where_it_opens() -> None:
    text = 'name,url\na.jpg,https://reef.example/a\n"b.jpg,https://reef.example/b\nc.jpg,https://reef.example/c\n'
    assert complaints(text) == [
        "images.csv:3: the line cannot be read as CSV (unexpected end of data): is a quotation mark left open, or not "
        "doubled?"
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b" , \n"])
def test_an_empty_file_says_what_it_needs(data: bytes) -> None:
    assert complaints(data) == ["images.csv: the file is empty: it needs a header with url"]


def test_every_problem_is_told_however_many_there_are() -> None:
    assert len(complaints("name,url\n" + "a.jpg,\n" * 103)) == 103


def test_a_real_list_of_media_on_public_storage_is_read() -> None:
    path = SHARED / "squidle-urls" / "squidle_media_urls.csv"
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    data = path.read_bytes()
    images = read_manifest("images.csv", data).images
    assert (len(images), images[0].name) == (300, "PR_20100605_003825_807_LC16")
    assert all(str(image.url).startswith("https://s3-ap-southeast-2.amazonaws.com/imos-data/") for image in images)


@pytest.mark.parametrize("heading", ["image_name", "Filename", "file name", "KEY", "point.media.key"])
@pytest.mark.parametrize("link", ["image_url", "path_best", "point.media.path_best", "Link"])
def test_columns_go_by_their_usual_names(heading: str, link: str) -> None:
    (image,) = read_manifest("images.csv", f"x,{heading},{link}\n1,a.jpg,https://reef.example/a\n".encode()).images
    assert (image.name, image.url) == ("a.jpg", "https://reef.example/a")


def test_columns_go_by_the_names_that_the_survey_gives_them() -> None:
    reading = Reading(columns={"name": "Foto", "url": "Adresse", "width": "B", "height": "H"})
    data = b"name,url,foto,adresse,b,h\nx,y,a.jpg,https://reef.example/a,40,30\n"
    (image,) = read_manifest("images.csv", data, reading).images
    assert (image.name, image.url, image.size) == ("a.jpg", "https://reef.example/a", Size(40, 30))


def test_a_column_that_the_survey_names_and_the_table_lacks_is_told() -> None:
    with pytest.raises(InvalidInput) as problem:
        read_manifest("images.csv", b"name,url\n", Reading(columns={"name": "Foto"}))
    assert str(problem.value) == "images.csv:1: there is no column `Foto`, which the survey names: it has name, url"


def test_a_table_is_read_in_the_encoding_that_the_survey_gives() -> None:
    data = "name,url\nrécif.jpg,https://reef.example/b\n".encode("cp1252")
    (image,) = read_manifest("images.csv", data, Reading(encoding="windows-1252")).images
    assert image.name == "récif.jpg"


def test_without_names_the_last_part_of_the_url_is_the_name() -> None:
    text = "url\nhttps://www.dropbox.example/s/abc/my%20reef.jpg?dl=1\nhttps://reef.example/b.png#x\n"
    assert [image.name for image in read_manifest("images.csv", text.encode()).images] == ["my reef.jpg", "b.png#x"]


def test_urls_that_end_alike_need_names_and_are_told_with_both_lines() -> None:
    text = "url\nhttps://reef.example/1/a.jpg\nhttps://reef.example/2/a.jpg\nhttps://reef.example/\nno\n"
    assert complaints(text) == [
        "images.csv:3: the url ends in `a.jpg`, as that on line 2 does: give the images names in a column `name`",
        "images.csv:4: there is no name",
        "images.csv:5: the url must begin with https:// or http://: a file on this computer cannot be fetched by the "
        "service",
    ]


def test_an_image_may_have_an_annotation_area_of_its_own() -> None:
    text = (
        "name,url,Annotation area\na,https://reef.example/a,X: 5 - 95% / Y: 10 - 90%\nb,https://reef.example/b,\n"
        "c,https://reef.example/c,5.5;95;0;100\nd,https://reef.example/d,'100,900,50,700'\n"
    ).replace("'", '"')
    assert [image.area for image in read_manifest("images.csv", text.encode()).images] == [
        AnnotationArea(x=(5, 95), y=(10, 90)),
        None,
        AnnotationArea(x=(5.5, 95), y=(0, 100)),
        AnnotationArea(unit=AreaUnit.PIXELS, x=(100, 900), y=(50, 700)),
    ]


def test_an_annotation_area_that_cannot_be_is_refused_with_its_line() -> None:
    rows = "".join(f"{n},https://reef.example/{n},{area}\n" for n, area in enumerate(["all", "9;5;0;100", "0;101;0;9"]))
    assert complaints(f"name,url,annotation_area\n{rows}") == [
        "images.csv:2: the annotation area is not one that CoralNet writes: `X: 5 - 95% / Y: 5 - 95%`, `5;95;5;95` in "
        "percent, or `100,900,50,700` in pixels",
        "images.csv:3: the annotation area ends before it begins",
        "images.csv:4: the annotation area goes beyond 100 %",
    ]


def test_private_addresses_are_warned_of_without_showing_them() -> None:
    text = (
        "name,url\na,http://192.168.1.4/a?key=secret\nb,http://nas.local/b\nc,https://reef.example/c\n"
        "e,http://[::1]/e\nf,http://8.8.8.8/f\n"
    )
    assert read_manifest("images.csv", text.encode()).warnings == (
        "images.csv: 3 images have addresses (`a`, `b`, `e`) in a private network, "
        "which a service elsewhere cannot reach",
    )


def test_public_links_to_share_work_and_those_that_lead_to_a_page_are_warned_of() -> None:
    dropbox = "https://www.dropbox.com/s/66d4/HKARMS01_1T.jpg"
    photos = [
        f"{dropbox}?dl=1",
        f"{dropbox}?rlkey=x&raw=1",
        "https://dl.dropboxusercontent.com/s/66d4/a.jpg",
        "https://drive.google.com/uc?export=download&id=1abc",
        "https://reef.sharepoint.com/:i:/s/x/a.jpg?download=1",
    ]
    pages = [
        f"{dropbox}?dl=0",
        f"{dropbox}?rlkey=x",
        "https://drive.google.com/file/d/1abc/view?usp=sharing",
        "https://photos.app.goo.gl/abc",
        "https://1drv.ms/i/s!abc",
        "https://reef.sharepoint.com/:i:/s/x/a.jpg",
    ]
    text = "name,url\n" + "".join(f"{number},{url}\n" for number, url in enumerate([*photos, *pages]))
    manifest = read_manifest("images.csv", text.encode())
    assert manifest.images[0].url == f"{dropbox}?dl=1"
    assert manifest.warnings == (
        "images.csv: 6 images have links (`5`, `6`, `7`, ...) to a page that shows the photo, and not to the photo: of "
        "Dropbox, let it end in dl=1; of others, take the link to the file itself",
    )


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("C:\\photos\\a.jpg", ": a file on this computer cannot be fetched by the service"),
        ("photos/a.jpg", ": a file on this computer cannot be fetched by the service"),
        ("file:///home/ann/a.jpg", ": a file on this computer cannot be fetched by the service"),
        ("s3://reef/a.jpg", ": photos in a bucket are a source of their own, `bucket: s3://...`"),
        ("ftp://reef.example/a.jpg", ""),
        ("www.reef.example/a.jpg", ""),
    ],
)
def test_an_address_that_is_no_web_address_is_refused_with_what_to_do_instead(url: str, instead: str) -> None:
    assert complaints(f"name,url\na.jpg,{url}\n") == [
        f"images.csv:2: the url must begin with https:// or http://{instead}"
    ]


PLAN_A_MANIFEST = """
import resource, sys, time
from pathlib import Path
from coralrun.coralnet.protocol import LIMITS
from coralrun.planning import codec
from coralrun.planning.compile import compile_plan
from coralrun.planning.model import Classifier
from coralrun.sources.manifest import read_manifest
from coralrun.spec.model import *
from coralrun.spec.point_design import Method, PointDesign
from coralrun.spec.wording import Wording
conditions = {"strata": ("LOWTIDE", "HIGHTIDE"), "date": Range(first="2018-01-01")}
source = ManifestSource(path="images.csv", filters=Filters(where=conditions))
survey = Survey(wording=Wording("survey.yaml"), name="s", service="emulator", classifier=ClassifierChoice(id="1"),
    sources=(source,),
    images=ImageSampling(count=20, by="site", seed=7),
    points=PointDesign(method=Method.UNIFORM_GRID, cell_rows=10, cell_columns=20),
    run=RunOptions(), outputs=Outputs(directory="out"))
data = sys.stdin.buffer.read()
start = time.process_time()
found = read_manifest("images.csv", data).images
plan = compile_plan(survey, [(source, found)], Classifier(id="1"), "", {}, None, allowed=LIMITS)
assert codec.decode(codec.encode(plan)) == plan
if sys.platform == "linux":  # where ru_maxrss counts what the parent held before this process began
    megabytes = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
else:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
print(len(found), len(plan.images), time.process_time() - start, megabytes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is measured by the resource module")
def test_planning_fifteen_thousand_real_names_is_quick_and_small() -> None:
    path = SHARED / "intermareal-15k" / "metadata.csv.gz"
    if not path.exists():
        pytest.skip("the shared data folder is not there")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as table:
        header, *rows = csv.reader(table)
    text = io.StringIO()
    csv.writer(text).writerows([["url", *header], *([f"https://reef.example/{quote(row[0])}", *row] for row in rows)])
    sites = {row[header.index("site")] for row in rows if row[header.index("strata")] != "MIDTIDE"}
    done = subprocess.run(
        [sys.executable, "-c", PLAN_A_MANIFEST], input=text.getvalue().encode(), capture_output=True, check=True
    )
    found, planned, cpu_s, megabytes = done.stdout.split()
    assert (int(found), int(planned)) == (15_695, 20 * len(sites))
    assert float(cpu_s) < 5
    assert float(megabytes) < 300


def test_one_photo_written_in_two_ways_has_one_address_and_is_told_as_one() -> None:
    data = "name,url\na,HTTPS://Reef.Example/x#1 é.jpg\nb,https://reef.example/x%231%20%C3%A9.jpg\n".encode()
    images = read_manifest("images.csv", data).images
    assert list(same_url(images)) == [
        Listing("images that have the same url, each of which is classified", ("a = b",)),
    ]


def test_one_photo_under_two_signatures_is_told_as_one() -> None:
    data = b"name,url\na,https://h.test/x.jpg?v=1&Signature=s&Expires=1\nb,https://h.test/x.jpg?v=1\n"
    (found,) = same_url(read_manifest("images.csv", data).images)
    assert found.names == ("a = b",)


def test_a_private_host_is_known_however_its_address_is_written() -> None:
    said = read_manifest("images.csv", b"name,url\na,http://NAS.Local/x#1.jpg\nb,http://127.0.0.1/#2.jpg\n")
    assert said.warnings == (
        "images.csv: 2 images have addresses (`a`, `b`) in a private network, which a service elsewhere cannot reach",
    )


@pytest.mark.parametrize("line", ["https://b.test/1.jpg?X-Amz-Signature=5e4", "1.jpg,s3://5e4/1.jpg"])
def test_a_list_without_headings_is_told_as_one_and_its_addresses_are_not_repeated(line: str) -> None:
    (said,) = complaints(f"{line}\n{line.replace('1', '2')}\n")
    assert said == "images.csv:1: the first line has an address: put the headings above it, among them url"


def test_a_table_of_photos_on_this_computer_is_told_to_be_a_folder() -> None:
    (said,) = complaints("name,path\na.jpg,photos/a.jpg\n")
    assert said.endswith("; photos on this computer need no table, but their folder: `- folder: photos`")


def test_a_heading_that_is_an_address_is_never_repeated() -> None:
    with pytest.raises(InvalidInput) as problem:
        own = Reading(columns={"url": "adress"})
        read_manifest("images.csv", b"name,https://b.test/?sig=5e4\na.jpg,1\n", own)
    assert "(an address)" in str(problem.value.problems[0])
    assert "5e4" not in str(problem.value.problems[0])
