"""Tests of the measurements: their arithmetic, their pages, and one run in small."""
