"""The order of a list that a strategic merge patch merged: the patch's items as it orders them, the others as they
stood, each of which comes before an item of the patch where it did so on the server."""

from __future__ import annotations

from typing import Any


def in_order(merged: list[Any], patch_order: list[Any], server_order: list[Any], merge_key: str) -> list[Any]:
    """``merged`` sorted. With a ``merge_key`` items are objects told apart by it, else scalars."""
    by_patch = _places(patch_order, merge_key)
    by_server = _places(server_order, merge_key)

    def place(item: Any, places: dict[Any, int]) -> int:
        return places.get(_identity(item, merge_key), len(places))

    ours = sorted((one for one in merged if _identity(one, merge_key) in by_patch), key=lambda x: place(x, by_patch))
    theirs = [one for one in merged if _identity(one, merge_key) not in by_patch]
    theirs.sort(key=lambda one: place(one, by_server))
    return _interleaved(
        theirs, ours, [by_server.get(_identity(one, merge_key), -1) for one in theirs], by_server, merge_key
    )


def _interleaved(
    left: list[Any], right: list[Any], left_places: list[int], by_server: dict[Any, int], merge_key: str
) -> list[Any]:
    out: list[Any] = []
    taken = 0
    for item in right:
        here = by_server.get(_identity(item, merge_key), -1)
        while taken < len(left) and 0 <= left_places[taken] < here:
            out.append(left[taken])
            taken += 1
        out.append(item)
    return out + left[taken:]


def _places(items: list[Any], merge_key: str) -> dict[Any, int]:
    places: dict[Any, int] = {}
    for number, item in enumerate(items):
        places.setdefault(_identity(item, merge_key), number)
    return places


def _identity(item: Any, merge_key: str) -> Any:
    value = item.get(merge_key) if merge_key and isinstance(item, dict) else item
    return (type(value) is bool, value)
