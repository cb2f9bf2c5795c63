"""Run the command line: ``python -m nixschema``."""

from nixschema.cli import main

main(prog_name="nixschema")
