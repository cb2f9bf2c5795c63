"""A schema from files: evidence is gathered file by file, then written down."""

from __future__ import annotations

from typing import NamedTuple

from nixschema.model import File
from nixschema.schema.inferring.clauses import Clauses, Wanted, usable
from nixschema.schema.inferring.entries import Entries, comment_text, plain, text_of
from nixschema.schema.inferring.evidence import Evidence, walk
from nixschema.schema.inferring.tally import Tally

MOST_TYPES = 2000
"""So many kinds and types of entities are told apart."""

_GENERIC = frozenset(("nix", "odml", "undefined"))
"""Beginnings of types that are nobody's own."""


class Inferred(NamedTuple):
    """A schema made of files."""

    text: str
    """YAML, with the evidence as comments."""
    left_out: list[str]
    """What it says nothing about, in sentences."""


class Inference:
    """What some files have in common.

    Memory grows with what is different in them, not with how many they are.
    """

    def __init__(self) -> None:
        """Begin without files."""
        self.files = 0
        self._root = Evidence("File")
        self._types: dict[tuple[str, str], Evidence] = {}
        self._crowded = False
        self._block_types = Tally()

    def add(self, file: File) -> None:
        """Take a file; values of its arrays are not read."""
        number = self.files
        self.files += 1
        self._root.observe(file, number)
        for one in walk(file):
            type_ = one.__dict__.get("type")
            if not isinstance(type_, str) or not type_:
                continue
            kind = type(one).__name__
            evidence = self._types.get((kind, type_))
            if evidence is None:
                if len(self._types) >= MOST_TYPES:
                    self._crowded = True
                    continue
                depth = 1 if kind in ("Section", "Source") else 0
                evidence = self._types[kind, type_] = Evidence(kind, depth)
            evidence.observe(one, number)

    def schema(self, name: str, *, share: float = 1.0, ranges: bool = False) -> Inferred:
        """The schema that the files follow.

        Args:
            name: its id.
            share: the part of the files of which something holds, for it to be asked of all.
            ranges: whether numbers of the metadata must be in the range in which they were.
        """
        wanted = Wanted(share, ranges)
        clauses = Clauses(wanted, self.files)
        types = self._said_of_types(clauses, wanted)
        tree = clauses.of(self._root)
        said = Entries()
        said.put("schema", name)
        said.put("version", "1")
        said.put("recognise", self._recognise(tree))
        said.put("namespaces", self._namespaces(types))
        for part in ("metadata", "blocks"):
            if part in tree.items:
                said.items[part] = tree.items[part]
        said.put("types", types)
        left_out = [f"{what}: {count:,}" for what, count in wanted.left_out.items()]
        if self._crowded:
            left_out.append(f"types beyond the first {MOST_TYPES:,}")
        head = [f"What {_files(self.files)} have in common: look through it, and title it."]
        if share < 1:
            head.append(f"It asks for what holds in {share:.0%} or more of them.")
        head += [f"Left out: {one}." for one in left_out]
        lines = [f"# {comment_text(one)}\n" for one in head]
        return Inferred("".join([*lines, *text_of(said)]), left_out)

    def _said_of_types(self, clauses: Clauses, wanted: Wanted) -> Entries:
        by_type: dict[str, list[tuple[str, Evidence]]] = {}
        unusable = 0
        for (kind, type_), evidence in self._types.items():
            if usable(type_):
                by_type.setdefault(type_, []).append((kind, evidence))
            else:
                unusable += 1
        if unusable:
            wanted.left_out["types with marks in them that schemas read otherwise"] = unusable
        said = Entries()
        for type_ in sorted(by_type):
            kinds = sorted(by_type[type_], key=lambda one: one[0])
            found: list[tuple[Entries, str]] = []
            for kind, evidence in kinds:
                clause = Entries()
                clause.put("is", kind)
                clause.items |= clauses.of(evidence, in_types=True).items
                found.append((clause, f"{evidence.count:,} in {_files(evidence.files)}"))
            if len(found) == 1:
                clause, told = found[0]
                said.put(type_, clause, told)
                clauses.types[kinds[0][0], type_] = clause
            else:
                several = Entries()
                several.put("any_of", [plain(clause) for clause, _ in found])
                told = ", ".join(
                    f"{kind}: {one}" for (kind, _), (_, one) in zip(kinds, found, strict=True)
                )
                said.put(type_, several, told)
        return said

    def _recognise(self, tree: Entries) -> Entries:
        """What all files have, and others do not."""
        found = Entries()
        for part in ("metadata", "blocks"):
            members = self._root.members.get(part)
            if members is None:
                continue
            for name, slot in members.names.items():
                types = list(slot.evidence.tally("type").values)
                if (
                    slot.presence.parents == members.parents
                    and len(types) == 1
                    and slot.evidence.tally("type").share() == 1
                    and usable(name)
                    and usable(str(types[0]))
                    and _own(str(types[0]))
                    and self._is_asked(tree, part, name)
                ):
                    return _tree(part, name, str(types[0]))
            for type_, presence in members.types.items():
                if presence.parents == members.parents and usable(type_) and _own(type_):
                    return _tree(part, "*", type_)
        return found

    @staticmethod
    def _is_asked(tree: Entries, part: str, name: str) -> bool:
        entry = tree.items.get(part)
        return entry is not None and isinstance(entry.value, Entries) and name in entry.value.items

    def _namespaces(self, types: Entries) -> Entries:
        """Beginnings of types of which all are declared."""
        files: dict[str, list[int]] = {}
        whole: dict[str, bool] = {}
        for (_, type_), evidence in self._types.items():
            start, dot, _ = type_.partition(".")
            if not dot or not usable(start) or not start.replace("_", "").isalnum():
                continue
            files.setdefault(start, []).append(evidence.files)
            whole[start] = whole.get(start, True) and type_ in types.items
        said = Entries()
        for start in sorted(files):
            if not whole[start] or self._crowded:
                continue
            once = sum(one == 1 for one in files[start])
            if self.files > 2 and once * 2 > len(files[start]):
                continue  # Types that differ from file to file.
            said.put(start, "closed" if start not in _GENERIC else "warn")
        return said


def _own(type_: str) -> bool:
    """Whether a type is somebody's own."""
    return type_.partition(".")[0] not in _GENERIC and "." in type_


def _tree(part: str, name: str, type_: str) -> Entries:
    inner, member, tree = Entries(), Entries(), Entries()
    inner.put("type", type_)
    member.put(name, inner)
    tree.put(part, member)
    return tree


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
