"""NIX0xx: the file itself: HDF5, header, version, links and storage that NIX does not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nixschema.findings import Level
from nixschema.layout import Dataset, Value, layout_of
from nixschema.model import MODELS, File
from nixschema.model.extra import Problem
from nixschema.model.file import PRESENT_VERSION
from nixschema.rules.rule import Sentence, at, rule
from nixschema.storage.tree import Node, Tree


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """A path that no NIX file could be read from."""

    kind: str
    """``absent``, ``folder``, ``permission``, ``not-hdf5``, ``not-nix``, ``damaged``, ``locked``,
    ``failed``, ``crashed``, ``slow`` or ``memory``."""
    reason: str
    """What is wrong, as the end of a sentence about the file."""


@dataclass(frozen=True, slots=True)
class UnreadableValues:
    """Values that a rule could not read."""

    rule: str
    reason: str


@rule("NIX001", on=OpenFailure, help="check that this is the right file, and complete")
def not_hdf5(failure: OpenFailure) -> Iterator[Sentence]:
    """A NIX file is an HDF5 file.

    HDF5 files begin with a signature, perhaps behind a user block. Without it no program can open
    the file: it is of another format, empty, or overwritten.
    """
    if failure.kind == "not-hdf5":
        yield f"the file {failure.reason}"


@rule("NIX002", on=OpenFailure, help="get the file again from where it came from, or from a backup")
def damaged(failure: OpenFailure) -> Iterator[Sentence]:
    """The HDF5 container is whole.

    A transfer that stopped or a program that died while writing leaves a file that libhdf5 refuses
    to open.
    """
    if failure.kind == "damaged":
        yield f"the file {failure.reason}"


@rule("NIX003", on=OpenFailure)
def not_nix(failure: OpenFailure) -> Iterator[Sentence]:
    """The file says that it is a NIX file.

    A NIX file has the attribute `format` with the text `nix` at its root, and the groups `data` and
    `metadata`. Other HDF5 files are for other programs.
    """
    if failure.kind == "not-nix":
        yield f"the file {failure.reason}"


@rule("NIX004", on=OpenFailure, help="close it there and try again")
def in_use(failure: OpenFailure) -> Iterator[Sentence]:
    """The file is not being written.

    HDF5 locks a file that is open for writing: what it holds meanwhile may be half of something.
    """
    if failure.kind == "locked":
        yield f"the file {failure.reason}"


@rule("NIX005", on=OpenFailure)
def unreadable_file(failure: OpenFailure) -> Iterator[Sentence]:
    """The file can be read.

    The operating system refuses to hand out the content: permissions, a failing disk, or something
    that is no regular file.
    """
    if failure.kind in ("permission", "failed", "folder"):
        yield f"the file {failure.reason}"


@rule("NIX006", on=OpenFailure, help="fetch it, for instance with `git annex get`")
def not_present(failure: OpenFailure) -> Iterator[Sentence]:
    """The content of the file is here.

    A symbolic link that leads nowhere stands for a file whose content is kept elsewhere, as
    git-annex does with data that were not fetched. So do the small text files that git-annex and
    Git LFS put in the place of such data.
    """
    if failure.kind == "absent":
        yield f"the file's content is not present: {failure.reason.removeprefix('is ')}"


@rule("NIX007", on=OpenFailure, help="get the file again from where it came from, or from a backup")
def crashes(failure: OpenFailure) -> Iterator[Sentence]:
    """The file does not crash the program that reads it.

    Damage that libhdf5 does not notice can make it read or write where it must not. The process
    that reads the file then ends at once; here the other files are checked all the same.
    """
    if failure.kind == "crashed":
        yield f"the file {failure.reason}"


@rule("NIX008", on=OpenFailure, help="give it more time with `--timeout`, if it is only large")
def takes_too_long(failure: OpenFailure) -> Iterator[Sentence]:
    """The file is checked within the time limit.

    A damaged file can lead libhdf5 around in circles. A large file on a slow disk may need more
    time than the limit gives.
    """
    if failure.kind == "slow":
        yield f"the file {failure.reason}"


@rule("NIX009", on=OpenFailure, help="give it more memory with `--memory`, if it is only large")
def takes_too_much_memory(failure: OpenFailure) -> Iterator[Sentence]:
    """The file is checked within the memory limit.

    A flipped bit in the size of something can ask for gigabytes. A file of very many entities may
    need more memory than the limit gives. One with more findings than can be told, some hundred
    thousand, is such a file too, and no limit helps it.
    """
    if failure.kind == "memory":
        yield f"the file {failure.reason}"


@rule("NIX010", on=File)
def known_version(file: File) -> Iterator[Sentence]:
    """The version of the format is one that can be understood.

    Readers open files of their own major version and of no newer minor version. What later versions
    mean cannot be known.
    """
    version = file.version
    newest = PRESENT_VERSION
    if version is not None and (version[0] != newest[0] or version[1] > newest[1]):
        said = ".".join(map(str, version))
        known = ".".join(map(str, newest))
        yield at(
            "version",
            f"format version {said}; versions 1.0.0 to {known} are known",
            help="look for a newer nixschema",
        )


@rule("NIX012", on=File, level=Level.INFO)
def old_version(file: File) -> Iterator[Sentence]:
    """The file is of the present version of the format.

    Older versions stay readable. Present libraries open them for reading only.
    """
    if file.version is not None and file.version < (1, 2, 0):
        yield f"format version {'.'.join(map(str, file.version))} is an old one"


@rule("NIX013", on=Node, level=Level.WARNING, reader="nixio", fix="safe")
def creation_order(node: Node) -> Iterator[Sentence]:
    """Groups keep the order in which their members were made.

    Without it members come in order of their names. nixio cannot get one by its position
    (`block.data_arrays[0]` raises an error), only by its name or all of them in turn.
    """
    if node.kind == "group" and not node.ordered and len(node.links) > 1:
        yield f"a group of {len(node.links)} members that does not keep their order"


@rule("NIX014", on=Problem)
def external_link(problem: Problem) -> Iterator[Sentence]:
    """A file holds all that it refers to.

    External links lead into other files of the machine. They are not followed: what they lead to is
    not part of this file, and would be lost when the file is moved.
    """
    expected = f"; expected {problem.expected}" if problem.expected else ""
    yield f"`{problem.name}` is {problem.found}{expected}"


@rule("NIX015", on=Node)
def values_outside(node: Node) -> Iterator[Sentence]:
    """A file holds its own values.

    External storage and virtual datasets take values from other files of the machine. They are not
    read: the values are not part of this file, and would be lost when the file is moved.
    """
    if node.layout.outside == ".":
        yield "values are put together from other datasets of the file (a virtual dataset)"
    elif node.layout.outside:
        kind = "a virtual dataset" if node.layout.kind == "virtual" else "external storage"
        yield f"values lie outside the file ({kind}): `{node.layout.outside[:200]}`"


@rule("NIX016", on=Node, level=Level.WARNING, help="make it a hard link", fix="safe")
def soft_link(node: Node, tree: Tree) -> Iterator[Sentence]:
    """Links are hard links.

    A soft link is a path that may come to lead elsewhere or nowhere; the NIX libraries make hard
    links only, and lose soft ones when what they lead to is renamed.
    """
    for name, link in node.links.items():
        if link.kind == "soft" and tree.follow(node, link.target) is not None:
            yield f"`{name}` is a soft link to `{link.target}`"


@rule("NIX017", on=Node)
def unreadable_object(node: Node) -> Iterator[Sentence]:
    """Every object can be read.

    The header of an object, or what belongs to it, is damaged: libhdf5 reports the error that is
    told here. The rest of the file is read all the same.
    """
    if node.fault:
        kind = "object" if node.kind == "unreadable" else node.kind
        yield f"the {kind} cannot be read: {node.fault}"


@rule("NIX018", on=UnreadableValues)
def unreadable_values(values: UnreadableValues) -> Iterator[Sentence]:
    """Values can be read.

    A rule had to read values, and libhdf5 reports an error: a damaged chunk, or a filter that is
    not installed.
    """
    yield f"{values.rule} could not be checked: {values.reason}"


@rule("NIX019", on=Tree, fix="safe")
def root_groups(tree: Tree) -> Iterator[Sentence]:
    """A file has the groups `data` and `metadata`.

    nixio and the C++ library cannot open a file for reading that lacks one of them.
    """
    for name in ("data", "metadata"):
        if name not in tree.root.links:
            yield at(name, f"the group `{name}` is missing")


@rule("NIX020", on=Tree, level=Level.INFO)
def old_layout(tree: Tree) -> Iterator[Sentence]:
    """Objects are laid out as in the present version of the format.

    Older versions stored property values as records, and ticks taken from an array as a bare link.
    Both are understood.
    """
    kinds = Counter(node.old for node in tree.nodes.values() if node.old)
    for kind, number in kinds.items():
        yield f"{number:,} x {kind}: a layout of older versions"


@rule(
    "NIX021",
    on=Node,
    level=Level.WARNING,
    help="write them again in chunks, without a limit to their number, before they are edited",
)
def lists_can_grow(node: Node) -> Iterator[Sentence]:
    """Lists of values are stored so that they can grow.

    Ticks, labels, positions, units and the values of properties are in chunks and without a largest
    size. nixio and the C++ library resize them when other values are assigned, and fail on one of a
    fixed size, as `nixio upgrade` makes of properties. Reading is not affected.
    """
    space = node.space
    if node.kind != "dataset" or space.kind != "simple" or not _is_list(node):
        return
    if not node.layout.outside and space.shape and space.maxshape == space.shape:
        yield f"the number of values is fixed, {space.shape[0]:,}: assigning more fails"


_LISTS = frozenset(
    one.name
    for model in MODELS
    for one in layout_of(model).values()
    if isinstance(one.place, Dataset | Value) and one.name not in ("data", "values")
)

_OWNERS = frozenset(("entity_id", "name", "dimension_type"))


def _is_list(node: Node) -> bool:
    """Whether a dataset is where the format has a list, and in the present layout."""
    parent = node.parent
    if parent is None or node.old or node.address < 0:
        return False
    if parent.name == "properties":
        return "entity_id" in node.attributes
    return node.name in _LISTS and not _OWNERS.isdisjoint(parent.attributes)
