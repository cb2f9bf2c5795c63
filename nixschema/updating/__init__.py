"""Metadata taken into a NIX file that is there already, whose data stay as they are."""
