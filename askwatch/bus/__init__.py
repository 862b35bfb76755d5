"""A durable log of records with consumer groups."""
