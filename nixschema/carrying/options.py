"""Which options make sense for which source and target."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nixschema.formats import Format

_WORDS: dict[Format, str] = {
    "nix": "NIX",
    "description": "a description",
    "odml": "odML",
    "rdf": "RDF",
}

_OF_TARGETS: dict[str, tuple[Format, ...]] = {
    "data": ("description",),
    "plain": ("description", "odml"),
    "format_version": ("nix",),
    "compression": ("nix",),
}
"""Options that say how a target is written."""

_OF_SOURCES: dict[str, tuple[Format, ...]] = {"allow_errors": ("description",)}
"""Options that say what is taken from a source."""

_DOCUMENTS = ("odml", "rdf")


def misuse(source: Format, target: Format, given: Collection[str]) -> str | None:
    """Why options make no sense together, as a sentence; None where they do.

    Args:
        source: format of the source.
        target: format of the target.
        given: names of the options that are given, as in Python.
    """
    if source == "rdf":
        return "RDF is written and not read: it does not hold all that odML says"
    for name, kinds in _OF_TARGETS.items():
        if name in given and target not in kinds:
            return f"`{_flag(name)}` is for targets that are {_listed(kinds)}, not {_WORDS[target]}"
    for name, kinds in _OF_SOURCES.items():
        if name in given and source not in kinds:
            return f"`{_flag(name)}` is for sources that are {_listed(kinds)}, not {_WORDS[source]}"
    if "resolve" in given and source != "odml" and target not in _DOCUMENTS:
        return "`--resolve` is for links and includes of odML: neither source nor target is odML"
    if "fetch" in given and "resolve" not in given:
        return "`--fetch` fetches what `--resolve` takes in: give both"
    if "allow_outside" in given and "resolve" not in given and source != "description":
        return "`--allow-outside` is for data files of descriptions, and for `--resolve`"
    return None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _listed(kinds: Iterable[Format]) -> str:
    return " or ".join(_WORDS[one] for one in kinds)
