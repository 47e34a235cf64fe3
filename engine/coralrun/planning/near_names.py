"""Names in a list or table that are no image's and resemble one: the usual slips, which a person can mend.

Rule: what resembles is named, and never taken for the same. That is a name that is an image's but for its folders or
its ending, and one that `name_match` would take for an image's if it were the only one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice, takewhile

from coralrun.planning.filters import IMAGE_ENDINGS
from coralrun.planning.name_match import loosely, parts, shown

_SHOWN = 3  # names spelt out in a message
_ENDING_MOST = 4  # characters of an ending such as .jpeg


def near_misses(left: Sequence[str], images: Collection[str]) -> Iterator[str]:
    """A line for each of the first names that are left over and resemble an image's, and one for all others that do."""
    if not left:
        return
    cores = [_core(name) for name in left]
    wanted = set(cores)
    there = {core for image in images if (core := _core(image)) in wanted}
    near = [name for name, core in zip(left, cores, strict=True) if core in there]
    first = list(islice(dict.fromkeys(map(loosely, near)), _SHOWN))
    groups = {of_form: [name for name in near if loosely(name) == of_form] for of_form in first}
    alike = _by_core(images, {_core(name) for name in first})
    for rivals in groups.values():
        yield _line(rivals, alike[_core(rivals[0])])
    more = len(near) - sum(map(len, groups.values()))
    if more:
        names, resemble = ("name", "resembles") if more == 1 else ("names", "resemble")
        yield f"{more:,} more {names} that {'is' if more == 1 else 'are'} not there {resemble} an image's"


def stem(name: str) -> str:
    """A name without its ending."""
    before, dot, ending = name.rpartition(".")
    return before if dot and ending.isalnum() and len(ending) <= _ENDING_MOST else name


def _by_core(images: Collection[str], cores: Collection[str]) -> dict[str, list[str]]:
    """The images of some cores, in the order of their names."""
    found: dict[str, list[str]] = {core: [] for core in cores}
    for image in images:
        core = _core(image)
        if core in found:
            found[core].append(image)
    return {core: sorted(alike) for core, alike in found.items()}


def _core(name: str) -> str:
    """What is left of a name without its folders and its ending, in whatever case and form.

    Where endings are hidden people write a second one, as in `a.JPG.jpg`.
    """
    last = loosely(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    core = stem(last.strip())
    return stem(core) if core.endswith(IMAGE_ENDINGS) else core


def _line(rivals: Sequence[str], alike: Sequence[str]) -> str:
    """What is said of names that are one but for case and form, and the images that resemble them."""
    name = rivals[0]
    same = [image for image in alike if loosely(image) == loosely(name)]
    if len(same) > 1:
        return f"{shown(name)} could be {_listed(same, 'or')}, so it is taken for {_none_of(same)}"
    if same and len(rivals) > 1:
        return f"{_listed(rivals, 'and')} could be {shown(same[0])}, so {_none_of(rivals)} is taken for it"
    if same:
        return f"{shown(name)} is not there, but {shown(same[0])} is, which is named as well"
    nearest = _nearest(name, alike)
    return (
        f"{shown(name)} is not there, but {_listed(nearest, 'and')} {'is' if len(nearest) == 1 else 'are'}: "
        f"names are matched with their {_differing(name, nearest)}"
    )


def _none_of(names: Sequence[str]) -> str:
    return "neither" if len(names) == 2 else "none of them"


def _nearest(name: str, alike: Sequence[str]) -> list[str]:
    """Those that agree with the longest end of a name's folders."""
    folders = parts(loosely(name))[-2::-1]

    def agreeing(image: str) -> int:
        pairs = zip(folders, parts(loosely(image))[-2::-1], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    most = max(map(agreeing, alike))
    return [image for image in alike if agreeing(image) == most]


def _differing(name: str, nearest: Sequence[str]) -> str:
    folders, last = _split(name)
    others = [_split(image) for image in nearest]
    differing = ["folders"] if any(other[0] != folders for other in others) else []
    differing += ["endings"] if any(other[1] != last for other in others) else []
    return " and ".join(differing)


def _split(name: str) -> tuple[list[str], str]:
    *folders, last = parts(loosely(name))
    return folders, last


def _listed(names: Sequence[str], word: str) -> str:
    first = [shown(name) for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        return f"{', '.join(first)} {word} {len(names) - _SHOWN:,} more"
    return f" {word} ".join([", ".join(first[:-1]), first[-1]]) if len(first) > 1 else first[0]
