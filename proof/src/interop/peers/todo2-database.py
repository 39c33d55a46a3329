"""Changes one task of exarp's database as exarp does: read it, then write it at the version that was read, else again. Waits to be told."""
import sqlite3
import sys

path, times = sys.argv[1], int(sys.argv[2])
database = sqlite3.connect(path, timeout=120, isolation_level=None)
print("ready", flush=True)
sys.stdin.readline()
done = 0
while done < times:
    content, version = database.execute("SELECT content, version FROM tasks WHERE id = 'T-1'").fetchone()
    done += database.execute(
        "UPDATE tasks SET content = ?, version = version + 1 WHERE id = 'T-1' AND version = ?",
        (str(int(content) + 1), version),
    ).rowcount
