"""A neighbour that unlinks its lock file after unlocking, as Gas Town's tools do. Arguments: LOCK TIMES."""
import fcntl
import os
import sys

for _ in range(int(sys.argv[2])):
    fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(fd, fcntl.LOCK_EX)
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)
    try:
        os.unlink(sys.argv[1])
    except FileNotFoundError:
        pass
