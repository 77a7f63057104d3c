"""Granular markings: which of them an object carries, by selector.

STIX 2.1 section 7.2.3. A granular marking applies to its selectors and to all that stands inside them, on top of
the markings of the whole object; it never loosens these. Granular markings with `lang` name a language and mark
nothing.
"""

from collections.abc import Iterator, Mapping

from hilf.canonical import Json


def granular_refs(stix_object: Mapping[str, Json]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each (selectors, marking id) of an object, in order.

    An entry that cannot be read still counts: its id is what could be read of it, or empty, its selectors likewise.
    """
    entries = stix_object.get("granular_markings")
    if entries is None:
        return
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict):
            yield (), ""
            continue
        selectors, ref = entry.get("selectors"), entry.get("marking_ref")
        if ref is None and isinstance(entry.get("lang"), str):
            continue
        names = selectors if isinstance(selectors, list) else []
        yield tuple(name for name in names if isinstance(name, str)), ref if isinstance(ref, str) else ""
