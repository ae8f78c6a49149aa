"""``python -m analyticsops`` is the command line."""

from analyticsops.cli import main

if __name__ == "__main__":
    main()
