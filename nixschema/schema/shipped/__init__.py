"""What shipped schemas ask for and their language cannot say."""
