"""Where the images of a CoralNet source are."""

from __future__ import annotations

from tests.unit.coralnet.reef_pages import Reef, site_of

from coralrun.coralnet.reading.images import CoralNetImages
from coralrun.machine.outcomes import Unusable
from coralrun.machine.reasons import Reason
from coralrun.planning.images import PlannedImage, Size
from coralrun.ports import Images, Located


def test_an_image_is_located_by_its_id() -> None:
    images: Images = CoralNetImages(site_of(Reef({7: "a.jpg"})))
    here = PlannedImage(key="coralnet:1/7", source="coralnet:1", name="a.jpg", points=1, image_id=7)
    gone = PlannedImage(key="coralnet:1/8", source="coralnet:1", name="b.jpg", points=1, image_id=8)
    assert images.locate(here) == Located("https://coralnet.test/media/7.jpg", Size(40, 30), None)
    assert images.locate(gone) == Unusable(Reason.NOT_FOUND)
