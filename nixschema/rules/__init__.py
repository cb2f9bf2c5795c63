"""Rules: what the fields of the model alone cannot say."""
