"""The Python twin of uncontended.c. Argument: the lock file. A line is a count."""
import fcntl
import os
import sys
import time


def cycle(path):
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not os.path.samestat(os.fstat(fd), os.stat(path)):
        raise SystemExit("another file")
    os.close(fd)


print("ready", flush=True)
for line in sys.stdin:
    count = int(line)
    wall, cpu = time.monotonic(), time.process_time()
    for _ in range(count):
        cycle(sys.argv[1])
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print('{"wallUs":%f,"cpuUs":%f}' % (wall * 1e6 / count, cpu * 1e6 / count), flush=True)
