/** Program: does nothing until it is killed, whatever becomes of its parent. */
process.on("disconnect", () => undefined);
setInterval(() => undefined, 60_000);
process.send?.("here");
