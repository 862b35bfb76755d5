"""The opportunity feed's index: a projection that can be rebuilt from the database."""
