"""`python -m hilf` is `hilf`."""

from hilf.cli.main import main

main()
