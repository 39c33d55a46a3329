"""The neighbour in Python once more, with record locks: fcntl.lockf. See flock.py."""
import fcntl

fcntl.flock = fcntl.lockf

import flock  # noqa: E402,F401 pylint: disable=unused-import,wrong-import-position
