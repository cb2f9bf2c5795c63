"""The odML data model: documents of sections and properties, which rules and formats share."""
