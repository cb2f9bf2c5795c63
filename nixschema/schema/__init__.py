"""Schemas of labs: what their files must contain, beyond what the format asks."""
