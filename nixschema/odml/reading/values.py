"""The values of a property of odML 1.1."""

from __future__ import annotations

from nixschema.odml.problems import Problems, shown
from nixschema.odml.reading.lists import listed, tuples
from nixschema.odml.reading.raw import Raw
from nixschema.odml.reading.typed import (
    bare_value,
    is_text_type,
    is_tuple,
    plain_text,
    typing_of,
)
from nixschema.odml_model.document import Property, Value
from nixschema.odml_model.types import plain_type
from nixschema.odml_model.where import Where
from nixschema.text.nodes import Mapping, Node, Scalar, Sequence

_TOLD = 3
"""So many values of one property are told."""

_HELP = {
    "int": "write a whole number, or give the property another type",
    "float": "write a number such as `0.5` or `1e-3`, or give the property another type",
    "boolean": "write `true` or `false`",
    "date": "write it as `2021-03-04`",
    "time": "write it as `12:00:00`",
    "datetime": "write it as `2021-03-04 12:00:00`",
}
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "boolean": "`true` or `false`",
    "date": "a date",
    "time": "a time",
    "datetime": "a date with time",
}


def read_values(
    raw: Raw, made: Property, where: Where, problems: Problems, *, xml: bool, yaml: bool
) -> None:
    """Give a property its values."""
    if xml:
        _from_xml(raw, made, where, problems)
    else:
        for node in raw.values:
            if not isinstance(node, Raw):
                made.values += _from_node(node, made, where, problems, yaml=yaml)


def typed_values(
    texts: list[str],
    made: Property,
    at: Raw | Node,
    where: Where,
    problems: Problems,
) -> list[Value]:
    """Texts as values of the type of a property; those that do not fit stay as they are."""
    typing = typing_of(made.dtype)
    if typing is None:
        return list(texts)
    values: list[Value] = []
    told = 0
    for text in texts:
        value = typing(text)
        if value is None:
            told += 1
            if told <= _TOLD:
                _tell_misfit(text, made.dtype, at, where, problems)
            value = text
        values.append(value)
    if told > _TOLD:
        word = _word(made.dtype)
        message = f"{told - _TOLD:,} more values are not {word}"
        _tell("NIX811", message, _help(made.dtype), at, where, problems)
    return values


def _from_xml(raw: Raw, made: Property, where: Where, problems: Problems) -> None:
    text_type = is_text_type(made.dtype)
    several = len(raw.values) > 1
    for node in raw.values:
        if not isinstance(node, Scalar):
            continue
        items, is_list, complaint = listed(node.text)
        if is_list and is_tuple(made.dtype):
            items, complaint = _tuples(node.text, items, made), complaint
        elif not is_list and not text_type:
            items = [one.strip() for one in items]
        if complaint is not None and (
            text_type or "quote" in complaint or "around the" in complaint
        ):
            message = f"{complaint}: `{shown(node.text)}`; it is read as {_count(items)}"
            help = 'write a list as `["a","b"]`, with each value between double quotes'
            _tell("NIX818", message, help, node, where, problems)
        if items:
            made.values += typed_values(items, made, node, where, problems)
    if several:
        message = f"there are {len(raw.values):,} `<value>` elements; all are read, as "
        message += _count(made.values)
        help = "write one `<value>` with a list, as `[a,b]`: other readers keep the last only"
        _tell("NIX807", message, help, raw.values[1], where, problems)


def _tuples(text: str, items: list[str], made: Property) -> list[str]:
    """Tuples of a list; a comma within one does not end it."""
    typing = typing_of(made.dtype)
    if typing is None or all(typing(one) is not None for one in items):
        return items
    return tuples(text) or items


def _from_node(
    node: Node, made: Property, where: Where, problems: Problems, *, yaml: bool
) -> list[Value]:
    if isinstance(node, Sequence):
        members = node.items
    elif isinstance(node, Scalar):
        if not node.text:
            return []
        texts = _split(node, made)
        if texts is not None:
            return typed_values(texts, made, node, where, problems)
        members = [node]
    else:
        return []
    if made.dtype is None:
        return [_untyped(one, where, problems, yaml=yaml) for one in members]
    texts = []
    for one in members:
        if isinstance(one, Scalar):
            texts.append("" if one.is_null else plain_text(one, yaml=yaml and not _is_text(made)))
        elif isinstance(one, Sequence):
            texts.append(_tuple_text(one, where, problems))
        else:
            texts.append(_lost(one, where, problems))
    return typed_values(texts, made, node, where, problems)


def _is_text(made: Property) -> bool:
    return is_text_type(made.dtype)


def _split(node: Scalar, made: Property) -> list[str] | None:
    """The items of a text that stands for a list; None for others."""
    text = node.text.strip()
    if is_tuple(made.dtype):
        return tuples(text)
    if text[0:1] == "[" and text[-1:] == "]" and len(text) > 1:
        items, _, _ = listed(text)
        return [one.strip() for one in items]
    return None


def _untyped(one: Node, where: Where, problems: Problems, *, yaml: bool) -> Value:
    if isinstance(one, Scalar):
        return "" if one.is_null else bare_value(one, yaml=yaml)
    if isinstance(one, Sequence):
        return _tuple_text(one, where, problems)
    return _lost(one, where, problems)


def _tuple_text(one: Sequence, where: Where, problems: Problems) -> str:
    texts = [item.text for item in one.items if isinstance(item, Scalar)]
    if len(texts) != len(one.items):
        return _lost(one, where, problems)
    return f"({';'.join(texts)})"


def _lost(one: Node, where: Where, problems: Problems) -> str:
    what = "mapping" if isinstance(one, Mapping) else "list of lists"
    message = f"a value is a {what}, expected a text or number; it is not read"
    _tell("NIX811", message, "write one value, or a tuple as `(1;2)`", one, where, problems)
    return ""


def _tell_misfit(
    text: str, dtype: str | None, at: Raw | Node, where: Where, problems: Problems
) -> None:
    value = f"`{shown(text)}`" if text.strip() else "nothing"
    message = f"the value is {value}, expected {_word(dtype)}; it is kept as text"
    _tell("NIX811", message, _help(dtype), at, where, problems)


def _word(dtype: str | None) -> str:
    name = plain_type(dtype)
    return _WORDS.get(name) or f"a tuple of {name.partition('-')[0]}"


def _help(dtype: str | None) -> str:
    return _HELP.get(plain_type(dtype)) or "write it as `(1;2)`, with `;` between the elements"


def _count(values: list[str] | list[Value]) -> str:
    return "1 value" if len(values) == 1 else f"{len(values):,} values"


def _tell(
    rule: str, message: str, help: str, at: Raw | Node, where: Where, problems: Problems
) -> None:
    if not problems.full:
        problems.tell(rule, message, help, line=at.line, column=at.column, path=where.path)
