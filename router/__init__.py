"""Decides who is told about a lead, and tells them."""
