"""Ways to reach an expert, each behind the same interface."""
