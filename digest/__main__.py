"""`python -m digest`: the command line."""

from __future__ import annotations

from digest.cli import main

if __name__ == "__main__":
    main()
