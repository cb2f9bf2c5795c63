"""Checking many files: in worker processes, with limits, and what earlier runs found."""
