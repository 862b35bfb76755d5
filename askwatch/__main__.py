"""`python -m askwatch` is the command line."""

from askwatch.cli.main import main

if __name__ == "__main__":
    main()
