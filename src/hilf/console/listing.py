"""Lists that are read page by page: the key of the last row leads to the next page, and nothing is counted or skipped.

A view asks its verb for one row more than a page holds, from the key in the address on, and hands both to `listing`. The
template shows them with the tags `listing` and `column` (docs/developers/console.md).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, QueryDict

PAGE: Final = 50
"""Rows of one page."""

DIGITS: Final = 18
"""Of a number in an address: whatever has more was written by hand."""

AFTER: Final = "after"
"""Name of the key in an address."""

SORT: Final = "sort"
"""Name of the column in an address by which a list is sorted; `-` before it turns the order round."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    Attributes:
        rows: of this page.
        next: address of the next page; empty on the last one.
        first: address of the first page; empty where this is it.
        clear: address of the list without filters.
        filtered: whether somebody narrowed the list down.
        sort: the column by which it is sorted, with `-` before it where the order is turned round.
    """

    rows: Sequence[Any]
    next: str
    first: str
    clear: str
    filtered: bool
    sort: str


def after(request: HttpRequest) -> str:
    """The key from which on this page shows rows; empty for the first page."""
    return request.GET.get(AFTER, "")


def after_number(request: HttpRequest) -> int | None:
    """The key where it is a number; None for the first page, and for what no page gave."""
    text = after(request)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def sort(request: HttpRequest, allowed: Collection[str], usual: str) -> str:
    """The column by which to sort: as the address says, where a view allows it."""
    asked = request.GET.get(SORT, usual)
    return asked if asked.removeprefix("-") in allowed else usual


def listing(
    request: HttpRequest,
    fetched: Sequence[Any],
    key: Callable[[Any], object],
    *,
    size: int = PAGE,
    filters: Collection[str] = (),
    sorted_by: str = "",
) -> Listing:
    """One page of a list.

    Args:
        request: its address says the filters and the key.
        fetched: `size` rows and one more, if there is one more.
        key: of a row, as `after` reads it back.
        size: rows of a page.
        filters: names in the address that narrow the list down.
        sorted_by: as `sort` said.
    """
    rows = fetched[:size]
    return Listing(
        rows=rows,
        next=address(request, {AFTER: str(key(rows[-1]))}) if len(fetched) > size else "",
        first=address(request, {AFTER: ""}) if after(request) else "",
        clear=request.path,
        filtered=any(request.GET.get(name) for name in filters),
        sort=sorted_by,
    )


def address(request: HttpRequest, changes: dict[str, str]) -> str:
    """The address of this page with other values; an empty value takes a name out."""
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path
