"""Protocol 11 and its corrections: the export of annotations."""

from __future__ import annotations

import csv
import io

from tests.contract.oddities import PINNED_SOURCE, Tied
from tests.contract.peers import LOGIN, Control, Peer

from coralrun.coralnet.account.auth import Credentials
from coralrun.coralnet.account.client import Http
from coralrun.coralnet.account.limiter import WebRate
from coralrun.coralnet.reading.site import Site
from coralrun.emulator.reef import LABELS
from coralrun.spec.image_search import Search


def exported(peer: Peer, source: int, **more: str) -> bytes:
    """The annotations of a source, prepared and served."""
    signed_in = peer.sign_in(peer.username, peer.password).cookies
    cookie = f"sessionid={signed_in['sessionid']}; csrftoken={signed_in['csrftoken']}"
    path = f"/source/{source}/annotation/export_prep/"
    form = {"csrfmiddlewaretoken": signed_in["csrftoken"], "label_format": "both", **more}
    prepared = peer.call("POST", path, body=form, cookie=cookie, referer=peer.base_url + path)
    stamp = prepared.json["session_data_timestamp"]
    return peer.get(f"/source/{source}/export/serve/?session_data_timestamp={stamp}", cookie=cookie).body


def rows_of(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode("utf-8"), newline="")))


def test_annotations_are_exported_in_two_steps_and_served_once(peer: Peer) -> None:
    signed_in = peer.sign_in(peer.username, peer.password).cookies
    cookie = f"sessionid={signed_in['sessionid']}; csrftoken={signed_in['csrftoken']}"
    path = f"/source/{peer.source}/annotation/export_prep/"
    form = {
        "csrfmiddlewaretoken": signed_in["csrftoken"],
        "label_format": "both",
        "image_id_list": str(peer.images[0].id),
    }
    prepared = peer.call("POST", path, body=form, cookie=cookie, referer=peer.base_url + path)
    assert prepared.status == 200 and prepared.json["success"] is True
    served = f"/source/{peer.source}/export/serve/?session_data_timestamp={prepared.json['session_data_timestamp']}"
    table = peer.get(served, cookie=cookie)
    assert (table.status, table.headers["content-type"]) == (200, "text/csv")
    assert table.body.startswith(b"Name,Row,Column,Label code,Label ID\n")
    assert peer.get(served, cookie=cookie).status == 302


def test_annotations_need_a_session_and_a_csrf_token(peer: Peer) -> None:
    path = f"/source/{peer.source}/annotation/export_prep/"
    token = peer.get(LOGIN).cookies["csrftoken"]
    form = {"csrfmiddlewaretoken": token, "label_format": "both"}
    stranger = peer.call("POST", path, body=form, cookie=f"csrftoken={token}", referer=peer.base_url + path)
    assert (stranger.status, stranger.json) == (200, {"error": "You must be signed in to access this function."})
    assert peer.call("POST", path, body=form, referer=peer.base_url + path).status == 403


def test_the_client_reads_the_annotations_of_a_source(peer: Peer) -> None:
    site = Site(
        Http(peer.base_url, peer.clock, peer.handle),
        WebRate(peer.clock),
        Credentials(peer.username, password=peer.password),
    )
    table = site.annotations(peer.source, Search(image_ids=(peer.images[0].id,)))
    assert table.startswith(b"Name,Row,Column,Label code,Label ID,Annotator,Date annotated\n")


def test_the_lines_of_an_export_end_with_a_line_feed_alone(peer: Peer) -> None:
    table = exported(peer, peer.source, image_id_list="_".join(str(image.id) for image in peer.images[:3]))
    assert table.endswith(b"\n")
    assert b"\r" not in table


def test_an_export_has_its_images_in_the_order_of_their_ids(peer: Peer) -> None:
    asked = sorted(peer.images, key=lambda image: image.id, reverse=True)
    table = exported(peer, peer.source, image_id_list="_".join(str(image.id) for image in asked))
    numbers = {image.name: image.id for image in asked}
    order = list(dict.fromkeys(numbers[row[0]] for row in rows_of(table)[1:]))
    assert order == sorted(order)


def test_images_whose_names_and_ids_are_in_opposite_orders_go_by_id(peer: Peer, control: Control) -> None:
    names = list(dict.fromkeys(row[0] for row in rows_of(exported(peer, PINNED_SOURCE))[1:]))
    assert names == ["photo 2.jpg", "photo 1.jpg", "photo 0.jpg"]


def test_suggestions_are_whole_percent_in_the_order_of_their_exact_scores(peer: Peer, control: Control) -> None:
    header, *rows = rows_of(exported(peer, PINNED_SOURCE, optional_columns="machine_suggestions"))
    first = header.index("Machine suggestion 1")
    codes = {label.id: label.code for label in LABELS}
    expected = [cell for number, _ in Tied.scores for cell in (codes[number], "20")]
    assert [row[first:] for row in rows] == [expected] * 6
