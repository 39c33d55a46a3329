"""A neighbour that unlinks its lock file after unlocking, as Gas Town's tools do, until it is killed. Argument: LOCK."""
import fcntl
import os
import random
import sys
import time

while True:
    fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(fd, fcntl.LOCK_EX)
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)
    try:
        os.unlink(sys.argv[1])
    except FileNotFoundError:
        pass
    time.sleep(random.random() * 0.0005)
