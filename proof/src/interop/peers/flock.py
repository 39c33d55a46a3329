"""A neighbour in Python: fcntl.flock, blocking.

hold|try ex|sh LOCK; count LOCK COUNTER TIMES; append LOCK LOG TIMES NAME; map LOCK JSON TIMES NAME.
The last three end with their worst wait in milliseconds.
"""
import contextlib
import fcntl
import os
import sys

import updates


def open_lock(path):
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


@contextlib.contextmanager
def locked(path):
    fd = open_lock(path)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def main():
    if updates.run(sys.argv, locked):
        return
    operation = fcntl.LOCK_EX if sys.argv[2] == "ex" else fcntl.LOCK_SH
    fd = open_lock(sys.argv[3])
    if sys.argv[1] == "try":
        try:
            fcntl.flock(fd, operation | fcntl.LOCK_NB)
            print("granted")
        except BlockingIOError:
            print("busy")
        return
    fcntl.flock(fd, operation)
    print("held", flush=True)
    sys.stdin.readline()
    fcntl.flock(fd, fcntl.LOCK_UN)
    print("released", flush=True)


main()
