"""The Python twin of section.c: fcntl.flock, blocking. Arguments: data file, section and think time in microseconds, seconds."""
import fcntl
import os
import sys
import time

path, section, think, seconds = sys.argv[1], int(sys.argv[2]) / 1e6, int(sys.argv[3]) / 1e6, float(sys.argv[4])
data = os.open(path, os.O_RDWR)
lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT, 0o600)
waits = []
in_time = 0
print("ready", flush=True)
if not sys.stdin.readline():
    sys.exit(0)
cpu = time.process_time()
end = time.monotonic() + seconds
while time.monotonic() < end:
    asked = time.monotonic()
    fcntl.flock(lock, fcntl.LOCK_EX)
    waits.append(int((time.monotonic() - asked) * 1e6))
    counter = int.from_bytes(os.pread(data, 8, 0), "little")
    if section > 0:
        time.sleep(section)
    os.pwrite(data, (counter + 1).to_bytes(8, "little"), 0)
    fcntl.flock(lock, fcntl.LOCK_UN)
    if time.monotonic() < end:
        in_time += 1
    if think > 0:
        time.sleep(think)
cpu = (time.process_time() - cpu) * 1e6
print('{"waitsUs":[%s],"inTime":%d,"cpuUs":%f}' % (",".join(map(str, waits)), in_time, cpu), flush=True)
