// Several files, one commit: an order takes from the stock and goes into a log, although a process is killed in the middle.
//   ./dev node --conditions=@flockwork/source examples/several-files.ts [--race]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { original } from "./several-files.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

interface Order {
  id: string;
  pieces: number;
}

await sideBySide({
  file: import.meta.filename,
  prepare(directory) {
    writeFileSync(join(directory, "stock.json"), '{"pieces":1000}');
  },
  original,
  async flockwork(directory, { id, tell, die }) {
    const store = fileStore(directory);
    const stock = store.document<{ pieces: number }>({ name: "stock.json" });
    const orders = store.log<Order>({ name: "orders.jsonl" });
    for (let order = 0; order < 50; order += 1) {
      await store.transact({ stock, orders }, (tx) => {
        tx.stock.draft.pieces -= 1;
        if (id === 0 && order === 25) void die(); // neither file has changed
        tx.orders.append({ id: `${id}-${order}`, pieces: 1 });
      });
      tell(`${id}-${order}`);
    }
  },
  faults(directory, told) {
    let pieces = 0;
    try {
      ({ pieces } = JSON.parse(readFileSync(join(directory, "stock.json"), "utf8")) as { pieces: number });
    } catch {
      return ["stock.json cannot be parsed any more"];
    }
    const lines = readFileSync(join(directory, "orders.jsonl"), "utf8").split("\n").filter(Boolean);
    const orders = lines.map((line) => JSON.parse(line) as Order);
    const missing = told.filter((id) => !orders.some((order) => order.id === id));
    const apart = 1_000 - pieces - orders.length;
    return [
      ...missing.map((id) => `order ${id} is gone`),
      ...Array.from(
        { length: Math.abs(apart) },
        () => `stock and orders are ${Math.abs(apart)} pieces apart`,
      ),
    ];
  },
});
