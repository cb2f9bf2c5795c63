"""How schemas check files: models of the language become findings."""
