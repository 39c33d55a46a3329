import type { PlantedBug } from "./planted-bug.ts";

const core = (name: string): string => `packages/core/src/${name}.ts`;

/** Who has to wait, how long, and for what clock. */
export const waitingBugs: readonly PlantedBug[] = [
  {
    name: "judges the leases of one machine by the wall clock",
    edits: [
      {
        file: core("lease/lease-state"),
        before: "const comparable = stamp !== undefined && stamp.clock === now.monotonic?.clock;",
        after: "const comparable = false;",
      },
    ],
    look: "clocks: lease",
    sees: /two holders at once|ERR_LEASE_LOST|ERR_STALE_FENCING_TOKEN/,
  },
  {
    name: "lets whoever lost its lease go on writing",
    edits: [
      {
        file: core("lease/fence-register"),
        before: "    checkFence(fence);\n    fence.assertHeld?.();\n    try {",
        after: "    if (fence.token !== undefined) return;\n    try {",
      },
      { file: core("lease/fence"), before: "    this.#holder.assertHeld();", after: "" },
    ],
    look: "pauses",
    sees: /wrote after the takeover|came after one of the new|wrote after its signal/,
  },
  {
    name: "lets readers pass a writer that waits",
    edits: [
      {
        file: core("lock/turnstile"),
        before: 'if (outcome === "busy") return this.#descriptor?.fd;',
        after: "",
      },
    ],
    look: "writers beside readers",
    sees: /ERR_LOCK_TIMEOUT|reads began while the writer waited/,
  },
  {
    name: "takes several locks in the order they are named",
    edits: [
      {
        file: core("lock/lock-all"),
        before:
          "return [...groups.values()].toSorted((a, b) => (a.firstLeg.path < b.firstLeg.path ? -1 : 1));",
        after: "return [...groups.values()];",
      },
    ],
    look: "sets of locks",
    sees: /ERR_LOCK_TIMEOUT|ERR_LOCK_ORDER|ERR_LOCK_REENTRY/,
  },
];
