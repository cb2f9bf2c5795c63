"""Schemas from files: what the files of a lab have in common, with the evidence for it."""
