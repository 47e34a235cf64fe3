"""Which image an image is: what makes it another, and what its points stay the same for."""

from __future__ import annotations

from msgspec.structs import replace
from tests.unit.plans import PLAN

from coralrun.planning.identity import identity_of
from coralrun.planning.images import PlannedImage, Size
from coralrun.planning.lay import lay
from coralrun.planning.model import Bucket

BUCKETS = {"bucket:s3://reef/": Bucket(name="reef", prefix="", endpoint="https://storage.example", region="eu-1")}
IN_BUCKET = PlannedImage(key="s3://reef/a.jpg", source="bucket:s3://reef/", name="a.jpg", points=2, etag="0c1d")
IN_MANIFEST = PlannedImage(key="a.jpg", source="m.csv", name="a.jpg", points=2, url="https://h.test/a.jpg?v=1")


def is_another(image: PlannedImage, other: PlannedImage) -> bool:
    return identity_of(image, BUCKETS) != identity_of(other, BUCKETS)


def test_a_photo_that_was_saved_again_is_another_and_keeps_its_points() -> None:
    again = replace(IN_BUCKET, etag="9f3e")
    assert is_another(IN_BUCKET, again)
    assert lay(PLAN, IN_BUCKET, Size(900, 600)) == lay(PLAN, again, Size(900, 600))


def test_an_image_of_a_bucket_is_the_same_whatever_folder_of_it_is_named() -> None:
    below = {"bucket:s3://reef/2024/": Bucket(name="reef", prefix="2024/", endpoint=None, region="eu-1")}
    whole = {"bucket:s3://reef/": Bucket(name="reef", prefix="", endpoint=None, region="eu-1")}
    named = replace(IN_BUCKET, source="bucket:s3://reef/2024/")
    assert identity_of(named, below) == identity_of(replace(IN_BUCKET, name="2024/a.jpg"), whole)


def test_a_photo_of_a_folder_is_known_by_its_path_in_it_and_its_bytes() -> None:
    photo = replace(IN_BUCKET, source="folder:photos", etag=None, sha256="0f" * 32)
    assert is_another(photo, replace(photo, sha256="1f" * 32))
    assert not is_another(photo, replace(photo, source="folder:moved/photos"))


def test_a_manifests_image_goes_by_its_address_and_not_its_signature() -> None:
    assert is_another(IN_MANIFEST, replace(IN_MANIFEST, url="https://h.test/a.jpg?v=2"))
    signed = replace(IN_MANIFEST, url="https://h.test/a.jpg?v=1&X-Amz-Expires=60&X-Amz-Signature=s")
    assert not is_another(IN_MANIFEST, signed)


def test_an_image_of_coralnet_is_known_by_its_id_whatever_it_is_called() -> None:
    image = replace(IN_MANIFEST, url=None, image_id=7)
    assert not is_another(image, replace(image, name="b.jpg"))
    assert is_another(image, replace(image, image_id=8))
