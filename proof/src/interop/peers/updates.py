"""What the Python neighbours do under their lock: add to a counter, append a line, change a map. All in place, as scripts do.

They say "ready", wait to be told, and pause a little after each update.
"""
import json
import random
import sys
import time


def count(counter, _name):
    with open(counter) as file:
        value = int(file.read())
    with open(counter, "w") as file:
        file.write(str(value + 1))


def append(log, name):
    with open(log, "a") as file:
        file.write(json.dumps({"by": name}) + "\n")


def change_map(path, name):
    with open(path) as file:
        values = json.load(file)
    values[name] = values.get(name, 0) + 1
    with open(path, "w") as file:
        json.dump(values, file)


KINDS = {"count": count, "append": append, "map": change_map}


def run(argv, locked):
    """Runs the update the arguments ask for, each under `locked(path)`. False where they ask for something else."""
    update = KINDS.get(argv[1])
    if update is None:
        return False
    worst = 0.0
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(argv[4])):
        asked = time.monotonic()
        with locked(argv[2]):
            worst = max(worst, time.monotonic() - asked)
            update(argv[3], argv[5] if len(argv) > 5 else "")
        time.sleep(random.random() * 0.001)
    print(f"worst {worst * 1000:.1f}")
    return True
