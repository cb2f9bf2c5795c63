"""Mending files: a copy is changed by the fixes, checked, and takes the place of the file."""
