"""Which image an image of a plan is, and which part of that its points follow from.

Rule: an image's identity is another as soon as another picture may be behind it: then it is another unit of work, and
is classified again. Its points follow from the seed, the size and the stable part of the identity alone, which is no
address, ETag or digest: so a photo that was saved again keeps its points. The stable part is the key that names an
image in a run: a sample is drawn by it, and it tells whether an earlier run has an image.

    source     identity                                                            stable part
    CoralNet   the image's id                                                      the source's number and the id
    bucket     endpoint, bucket and key, and the ETag as it was listed             bucket and key
    folder     the path below the folder, and the SHA-256 of the bytes             the path below the folder
    manifest   the name, and the address without the parameters of a signature     the name

All of it stands in the plan: the number, the ETag and the digest of an image in its line, where a bucket is in the
header. Where a folder is says nothing of its photos, which may be moved.
"""

from __future__ import annotations

from collections.abc import Mapping

from coralrun.planning.images import FoundImage, PlannedImage
from coralrun.planning.model import Bucket
from coralrun.spec.model import BucketSource, CoralNetSource, Source
from coralrun.values.signatures import unsigned

Identity = tuple[str, ...]


def identity_of(image: PlannedImage, buckets: Mapping[str, Bucket]) -> Identity:
    """The identity of an image, comparable among the plans of one service; `buckets` are those of its plan."""
    if image.image_id is not None:
        return "coralnet", str(image.image_id)
    if image.sha256 is not None or image.unfit is not None:
        return "folder", image.name, image.sha256 or ""
    bucket = buckets.get(image.source)
    if bucket is not None:
        key = f"{bucket.name}/{bucket.prefix}{image.name}"
        return "bucket", bucket.endpoint or "", key, image.etag or ""
    return "manifest", image.name, address_of(image.url or "")


def address_of(url: str) -> str:
    """What an address leads to: two that differ in their signatures alone are one photo."""
    return unsigned(url) if "?" in url else url


def stable_part(source: Source, image: FoundImage) -> str:
    """The key of an image: its id for CoralNet, where names may change; its name in a manifest; its path below
    the folder; its address in a bucket, which is the same whatever folder of it a survey names."""
    if isinstance(source, CoralNetSource):
        return f"{source.label}/{image.image_id}"
    if isinstance(source, BucketSource):
        return f"{source.address}{image.name}"
    return image.name
