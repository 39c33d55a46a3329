"""A neighbour that takes flock as jit, exarp-go, bd and Gas Town's fork do: it looks, pauses, looks again, and gives up after a time.

LOCK COUNTER TIMES GIVES_UP_MS PAUSE_MS... Begins once the others have; ends with its worst wait in milliseconds.
"""
import fcntl
import os
import sys
import time

lock, counter = sys.argv[1:3]
times, gives_up_ms, *pauses_ms = map(int, sys.argv[3:])


def attempt():
    fd = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd
    except BlockingIOError:
        os.close(fd)
        return None


def take():
    asked = time.monotonic()
    looks = 0
    while (fd := attempt()) is None:
        if (time.monotonic() - asked) * 1000 > gives_up_ms:
            sys.exit(f"gave up after {gives_up_ms} ms")
        time.sleep(pauses_ms[min(looks, len(pauses_ms) - 1)] / 1000)
        looks += 1
    return fd, (time.monotonic() - asked) * 1000


def count():
    with open(counter, encoding="utf-8") as file:
        return int(file.read()) // 1_000_000  # ours, see counter.ts


while count() < 20:
    time.sleep(0.001)
worst = 0.0
for _ in range(times):
    fd, waited_ms = take()
    worst = max(worst, waited_ms)
    before = count()
    os.close(fd)
    while count() < before + 5:  # so that each of its waits meets ours at work
        time.sleep(0.001)
print(f"worst {worst:.1f}")
