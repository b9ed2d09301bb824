"""``python -m filial``."""

from filial.cli import main

if __name__ == "__main__":
    main()
