"""Which image an image of a plan is, and which part of that its points follow from.

Rule: an image's identity is another as soon as another picture may be behind it: then it is another unit of work, and
is classified again. Its points follow from the seed, the size and the stable part of the identity alone, which is no
address, ETag or digest: so a photo that was saved again keeps its points.

    source     identity                                                            stable part
    CoralNet   the image's id                                                      the source's number and the id
    bucket     endpoint, bucket and key, and the ETag as it was listed             bucket and key
    manifest   the name, and the address without the parameters of a signature     the name
"""

from __future__ import annotations

from collections.abc import Mapping

from coralrun.planning.model import Bucket, PlannedImage
from coralrun.signatures import unsigned

Identity = tuple[str, ...]


def identity_of(image: PlannedImage, buckets: Mapping[str, Bucket]) -> Identity:
    """The identity of an image, comparable among the plans of one service; `buckets` are those of its plan."""
    if image.image_id is not None:
        return "coralnet", str(image.image_id)
    bucket = buckets.get(image.source)
    if bucket is not None:
        key = f"{bucket.name}/{bucket.prefix}{image.name}"
        return "bucket", bucket.endpoint or "", key, image.etag or ""
    return "manifest", image.name, unsigned(image.url or "")


def stable_part(image: PlannedImage) -> str:
    """What an image's points follow from, beside the seed and the size: the key that names it in the run."""
    return image.key
