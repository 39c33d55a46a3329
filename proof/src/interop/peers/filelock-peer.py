"""A neighbour in Python: the filelock library. hold|try ex LOCK; count|append|map as in flock.py. It has no shared locks."""
import sys

import filelock

import updates


def main():
    if updates.run(sys.argv, filelock.FileLock):
        return
    lock = filelock.FileLock(sys.argv[3])
    if sys.argv[1] == "try":
        try:
            lock.acquire(timeout=0)
            print("granted")
        except filelock.Timeout:
            print("busy")
        return
    lock.acquire()
    print("held", flush=True)
    sys.stdin.readline()
    lock.release()
    print("released", flush=True)


main()
