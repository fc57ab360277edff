"""`python -m imagedb`: the same as the console command."""

from imagedb.cli import main

if __name__ == "__main__":
    main()
