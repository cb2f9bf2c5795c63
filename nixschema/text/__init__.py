"""YAML and JSON text with lines: nodes, reading, writing.

Knows nothing of what the text is about. A scalar is its text as written; what it says is for the
field to decide (`nixschema.text.scalars`).
"""

from nixschema.text.nodes import Mapping, Node, Scalar, Sequence, TextProblem

__all__ = ["Mapping", "Node", "Scalar", "Sequence", "TextProblem"]
