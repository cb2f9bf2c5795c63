"""Mending files: one function for what a rule reports, and a copy that takes the file's place."""
