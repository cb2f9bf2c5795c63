"""Conversion of whole folders: which file becomes which, each in a process with limits."""
