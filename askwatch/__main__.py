"""`python -m askwatch` is the command line."""

from askwatch.cli.main import main

main()
