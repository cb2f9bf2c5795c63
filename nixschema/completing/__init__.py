"""What editors complete and explain in descriptions of a lab, by its schema."""
