"""What every test starts from."""

import os

# Some tests look at a terminal's display; "dumb", or nothing, would have none.
os.environ["TERM"] = "xterm-256color"  # noqa: TID251 - inherited by the processes of tests
