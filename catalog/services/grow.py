"""The shop's tree of categories grows by the paths its products name."""

from collections.abc import Iterable

from catalog.models import Category

SEPARATOR = " > "


def grow_categories(paths: Iterable[str]) -> dict[str, int]:
    """The row number of the category at each path; missing ones are made, parents first.

    paths : as `category_path` writes them.
    """
    wanted = {ancestor for path in paths for ancestor in _ancestors(path)}
    found = _found(wanted)
    # Parents before children; and sorted, so that two writers never wait for each other.
    for depth in sorted({path.count(SEPARATOR) for path in wanted - found.keys()}):
        level = sorted(one for one in wanted - found.keys() if one.count(SEPARATOR) == depth)
        Category.objects.bulk_create(
            [_category(path, parents=found) for path in level], ignore_conflicts=True
        )
        found |= _found(level)
    return found


def category_path(text: str) -> str:
    """`Kitchen>Mugs ` as `Kitchen > Mugs`."""
    return SEPARATOR.join(part.strip() for part in text.split(">") if part.strip())


def depth_of(path: str) -> int:
    """1 for a category that lies in no other."""
    return path.count(SEPARATOR) + 1


def branch_of(path: str, depth: int) -> str:
    """The path of what lies so deep above a category, 1 outermost; its own where it ends before."""
    return SEPARATOR.join(path.split(SEPARATOR)[:depth])


def _ancestors(path: str) -> list[str]:
    return [branch_of(path, depth) for depth in range(1, depth_of(path) + 1)]


def _category(path: str, *, parents: dict[str, int]) -> Category:
    above, _, name = path.rpartition(SEPARATOR)
    return Category(path=path, name=name[:200], parent_id=parents.get(above))


def _found(paths: Iterable[str]) -> dict[str, int]:
    categories = Category.objects.filter(path__in=list(paths))
    return dict(categories.values_list("path", "pk"))
