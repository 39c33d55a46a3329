// A machine registry: three processes register twenty machines each in Gas Town's machines.json.
//   ./dev node --conditions=@flockwork/source examples/machine-registry.ts [--race]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { machineRegistry } from "@flockwork/registry";
import { original } from "./machine-registry.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

await sideBySide({
  file: import.meta.filename,
  original,
  async flockwork(directory, { id, tell }) {
    const machines = machineRegistry(fileStore(directory));
    for (let at = 0; at < 20; at += 1) {
      await machines.add({ name: `machine-${id}-${at}`, type: "ssh", host: `me@host-${id}-${at}.example` });
      tell(`machine-${id}-${at}`);
    }
  },
  faults(directory, told) {
    const text = readFileSync(join(directory, "machines.json"), "utf8");
    const { machines } = JSON.parse(text) as { machines: Record<string, object> };
    return told.filter((name) => !Object.hasOwn(machines, name)).map((name) => `${name} is not registered`);
  },
});
