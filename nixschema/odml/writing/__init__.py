"""Documents -> odML files: XML, JSON, YAML and RDF."""

from nixschema.odml.writing.file import Format, losses_of, odml_text, write_odml, write_text
from nixschema.odml.writing.losses import Loss

__all__ = ["Format", "Loss", "losses_of", "odml_text", "write_odml", "write_text"]
