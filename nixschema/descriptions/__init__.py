"""NIX as YAML or JSON text: descriptions of files, read and written."""
