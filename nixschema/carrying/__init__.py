"""Metadata on their way between NIX and odML: what is taken, what is left out, what gets lost."""
