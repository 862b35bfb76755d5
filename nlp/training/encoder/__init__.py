"""Trains the sentence encoder; needs the extra `askwatch[train]`."""
