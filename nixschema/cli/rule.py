"""``nixschema rule``."""

from __future__ import annotations

import click

from nixschema.cli.colours import echo_markdown


@click.command()
@click.argument("rule_id", required=False, metavar="[ID]")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="json is the registry, for programs.",
)  # fmt: skip
def rule(rule_id: str | None, output_format: str) -> None:
    """List the rules, or show the page of one."""
    import json

    from nixschema.rules.pages import page, registry
    from nixschema.rules.rule import all_rules, fits

    rules = all_rules()
    if rule_id is not None:
        rules = [one for one in rules if fits(rule_id, one.id)]
        if not rules:
            raise click.UsageError(f"no rule fits `{rule_id}`: `nixschema rule` lists them")
    if output_format == "json":
        click.echo(json.dumps(registry(rules), indent=2))
    elif rule_id is not None and len(rules) == 1:
        echo_markdown(page(rules[0]))
    else:
        for one in rules:
            click.echo(f"{one.id}  {one.level:7}  {one.title}")
