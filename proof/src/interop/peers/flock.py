"""A neighbour in Python: fcntl.flock, blocking. hold|try ex|sh LOCK; count LOCK COUNTER TIMES."""
import fcntl
import os
import sys


def open_lock(path):
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def count(lock, counter, times):
    for _ in range(times):
        fd = open_lock(lock)
        fcntl.flock(fd, fcntl.LOCK_EX)
        with open(counter) as file:
            value = int(file.read())
        with open(counter, "w") as file:
            file.write(str(value + 1))
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)


def main():
    if sys.argv[1] == "count":
        return count(sys.argv[2], sys.argv[3], int(sys.argv[4]))
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
