"""Whether edits of a file have changed what they name, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nixschema.model.extra import Stored
from nixschema.storage.edits import Edit, KeepOrder, Relink, RewriteTexts, Unlink
from nixschema.storage.tree import Node, NodeAttribute, Tree


def stray_changes(
    before: Tree, after: Tree, edits: Iterable[Edit], refilled: frozenset[int] = frozenset()
) -> Iterator[str]:
    """What differs between two trees of a file and was not to be changed, in words.

    An edit moves no object: those of one address are the same. Values of datasets are not looked
    at.

    Args:
        before: the file before.
        after: the file after.
        edits: what was changed.
        refilled: addresses of datasets that have got other values, and may have got more or fewer.
    """
    made = list(edits)
    changed = {edit.key for edit in made}
    removed = _removed(before, made)
    for address, node in before.nodes.items():
        if address < 0 or address in removed or node.old or node.fault:
            continue
        now = after.nodes.get(address)
        if now is None:
            yield f"{node.path} is gone"
        else:
            yield from _node_changes(node, now, changed, address in refilled)


def _removed(tree: Tree, edits: list[Edit]) -> set[int]:
    """Addresses of objects that nothing leads to any more; others may lie there now."""
    cut = {one.key for one in edits if isinstance(one, Unlink | Relink | RewriteTexts)}
    anew = {one.key for one in edits if isinstance(one, KeepOrder)}
    reached: set[int] = set()
    passed: set[int] = set()
    waiting = [(tree.root, False)]
    while waiting:
        node, is_anew = waiting.pop()
        if node.address in (passed if is_anew else reached):
            continue
        (passed if is_anew else reached).add(node.address)
        for name, link in node.links.items():
            key = (node.address, f"/{name}")
            if link.kind == "hard" and key not in cut:
                waiting.append((link.target, key in anew))
    return set(tree.nodes) - reached


def _node_changes(
    node: Node, now: Node, changed: set[tuple[int, str]], is_refilled: bool
) -> Iterator[str]:
    known, found = ((one.kind, one.type, one.space, one.layout) for one in (node, now))
    if known[:2] != found[:2] or not (is_refilled or known == found):
        yield f"{node.path} is another object"
    for name in node.attributes.keys() | now.attributes.keys():
        if (node.address, f"@{name}") not in changed:
            one, other = node.attributes.get(name), now.attributes.get(name)
            if one is None or other is None or not _same(one, other):
                yield f"{node.path}: `{name}` has changed"
    for name, link in node.links.items():
        if (node.address, f"/{name}") in changed:
            continue
        there = now.links.get(name)
        if there is None or there.kind != link.kind or there.utf8 != link.utf8:
            yield f"{node.path}: the link `{name}` has changed"
        elif link.kind == "hard":
            if link.target.address >= 0 and there.target.address != link.target.address:
                yield f"{node.path}: the link `{name}` leads elsewhere"
        elif there.target != link.target:
            yield f"{node.path}: the link `{name}` leads elsewhere"
    kept = [name for name in node.links if name in now.links]
    if node.ordered and kept != [name for name in now.links if name in node.links]:
        yield f"{node.path}: links are in another order"


def _same(one: NodeAttribute, other: NodeAttribute) -> bool:
    if one.type is not None and one.type.kind == "reference":
        return one.type == other.type  # Its value is told by paths, which names of links change.
    return Stored(one.value, one.type, one.space) == Stored(other.value, other.type, other.space)
