"""Reports: from findings to text, JSON and so on."""
