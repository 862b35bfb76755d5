"""Stage 1: reads the sources and writes what it saw to the stream of posts."""
