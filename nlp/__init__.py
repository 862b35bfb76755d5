"""Understands posts: who asks for a vendor or a candidate, and about what."""
