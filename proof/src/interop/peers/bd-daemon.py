"""A neighbour in the shape of bd's daemon: it leaves the data alone while the holder of .exclusive-lock lives. look LOCK.

The holder is dead only if it ran on this host and its process is gone; what cannot be read is left alone as well.
"""
import json
import os
import socket
import sys

path = sys.argv[2]


def goes_on():
    try:
        with open(path, encoding="utf-8") as file:
            held = json.load(file)
        if held["hostname"].lower() != socket.gethostname().lower():
            return False
        os.kill(held["pid"], 0)
        return False
    except FileNotFoundError:
        return True
    except ProcessLookupError:
        os.unlink(path)
        return True
    except (ValueError, KeyError, PermissionError):
        return False


print("goes on" if goes_on() else "leaves it alone")
