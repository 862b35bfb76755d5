"""The measurements, one module a part of the way; each adds its figures to a room."""
