"""Keeps file systems in a mount namespace of its own, and takes their power away.

A line of JSON in, `ok` or what went wrong out. Everything mounted here is gone with the last process of the
namespace, and its loop devices with it, whatever that process died of: nothing has to be cleaned up.
"""

import ctypes
import fcntl
import json
import os
import struct
import subprocess
import sys

SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, XFS_IOC_GOINGDOWN and BTRFS's, which are one number
LIBC = ctypes.CDLL(None, use_errno=True)


def run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{' '.join(argv)}: {done.stderr.strip() or done.returncode}")


def at_directory(path, act):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        act(fd)
    finally:
        os.close(fd)


def sync(path):
    """Nothing of the file system is unwritten after this."""

    def act(fd):
        if LIBC.syncfs(fd) != 0:
            raise OSError(ctypes.get_errno(), "syncfs", path)

    at_directory(path, act)


def directory(path):
    """Makes a directory that survives."""
    os.mkdir(path)
    sync(os.path.dirname(path))


def cut(path, flags):
    at_directory(path, lambda fd: fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", flags)))


COMMANDS = {"run": run, "directory": directory, "cut": cut}

print("ready", flush=True)
for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        COMMANDS[name](*arguments)
        print("ok", flush=True)
    except OSError as error:
        print(f"failed: {error}".replace("\n", " "), flush=True)
