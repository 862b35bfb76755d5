"""Tests of the stage that decides who is told."""
