"""odML: metadata in documents of sections and properties, read, written, and carried into NIX."""
