/**
 * Program: does nothing until it is killed, whatever becomes of its parent; but it ends where the process is gone that wanted it.
 * Argument: the pid of that one.
 */
const [wantedBy = ""] = process.argv.slice(2);
process.on("disconnect", () => undefined);
setInterval(() => {
  try {
    process.kill(Number(wantedBy), 0);
  } catch {
    process.exit();
  }
}, 250);
process.send?.("here");
