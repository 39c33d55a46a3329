/** File systems on loop devices whose power can be cut: `GOINGDOWN` stops all writing at once, and the next mount recovers. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCommand, runCommand } from "../harness/commands.ts";
import { Program } from "../harness/program.ts";

/** A file system, how it is made, and how it is mounted. */
export interface DiskKind {
  readonly name: string;
  readonly megabytes: number;
  readonly make: readonly string[];
  readonly options: string;
  /** Whether a file's content is on the disk before a name that leads to it is, though nobody synced it. */
  readonly ordersDataBeforeNames: boolean;
}

const ext4 = { megabytes: 96, make: ["mkfs.ext4", "-q", "-F"] } as const;

export const diskKinds: readonly DiskKind[] = [
  { name: "ext4", ...ext4, options: "data=ordered", ordersDataBeforeNames: true },
  { name: "ext4 noauto_da_alloc", ...ext4, options: "noauto_da_alloc", ordersDataBeforeNames: false },
  { name: "ext4 data=writeback", ...ext4, options: "data=writeback", ordersDataBeforeNames: false },
  { name: "xfs", megabytes: 300, make: ["mkfs.xfs", "-q"], options: "", ordersDataBeforeNames: false },
  { name: "btrfs", megabytes: 128, make: ["mkfs.btrfs", "-q"], options: "", ordersDataBeforeNames: true },
];

/** Whether what the log holds in memory is written before the power goes. */
export const shutdownFlags = { flushed: 1, lost: 2 } as const;

/** Why no power can be cut here; undefined where it can. */
export function diskRefusal(kinds: readonly DiskKind[] = []): string | undefined {
  if (process.platform !== "linux") return "the GOINGDOWN ioctl is Linux's";
  if (process.getuid?.() !== 0) return "only root can mount a file system and cut its power";
  const needed = ["python3", "unshare", "nsenter", "mount", ...kinds.map(({ make }) => make[0] ?? "")];
  const missing = needed.find((command) => findCommand(command) === undefined);
  if (missing !== undefined) return `${missing} is not installed`;
  return runCommand("unshare", ["--mount", "--propagation", "private", "true"]);
}

/** The process that mounts disks, cuts their power, and takes them with it when it ends. */
export class Keeper {
  readonly #program: Program;

  private constructor() {
    const file = fileURLToPath(new URL("keeper.py", import.meta.url));
    this.#program = new Program("unshare", ["--mount", "--propagation", "private", "python3", file]);
  }

  static async start(): Promise<Keeper> {
    const keeper = new Keeper();
    await keeper.#program.expect("ready");
    return keeper;
  }

  /** @throws {Error} with what it said. */
  async ask(...command: readonly (string | number)[]): Promise<void> {
    this.#program.tell(JSON.stringify(command));
    const answer = await this.#program.line();
    if (answer !== "ok") throw new Error(answer);
  }

  /** Runs Node where its disks can be seen. */
  node(file: URL): Program {
    const node = [
      process.execPath,
      "--conditions=@flockwork/source",
      "--disable-warning=ExperimentalWarning",
    ];
    const place = `--mount=/proc/${this.#program.pid}/ns/mnt`;
    return new Program("nsenter", [place, "--", ...node, "--v8-pool-size=1", fileURLToPath(file)]);
  }

  /** Nothing is mounted any more. */
  async end(): Promise<void> {
    this.#program.kill();
    await this.#program.dead;
  }
}

/** A mounted file system. Nobody sees it but the programs of its keeper. */
export class Disk {
  readonly kind: DiskKind;
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string;
  readonly #keeper: Keeper;
  #directories = 0;

  private constructor(kind: DiskKind, root: string, keeper: Keeper) {
    this.kind = kind;
    this.path = join(root, "mounted");
    this.#image = join(root, "image");
    this.#keeper = keeper;
  }

  /**
   * Makes one in memory, on a new directory below the caller's, and tries its switch.
   * @throws {Error} with what refused.
   */
  static async make(kind: DiskKind, parent: string, keeper: Keeper): Promise<Disk> {
    const root = mkdtempSync(join(parent, `${kind.name.replaceAll(/\W/g, "-")}-`));
    const disk = new Disk(kind, root, keeper);
    await keeper.ask("run", "mount", "-t", "tmpfs", "-o", "size=1g,mode=755", "tmpfs", root);
    await keeper.ask("run", "mkdir", disk.path);
    await keeper.ask("run", "truncate", "-s", `${kind.megabytes}M`, disk.#image);
    await keeper.ask("run", ...kind.make, disk.#image);
    await disk.#mount();
    await disk.cut(shutdownFlags.lost);
    await disk.remount();
    return disk;
  }

  /** Makes an empty directory that survives, with everything before it. */
  async freshDirectory(): Promise<string> {
    const path = join(this.path, `place${(this.#directories += 1)}`);
    await this.#keeper.ask("directory", path);
    return path;
  }

  /** From here on nothing reaches the disk. */
  async cut(flags: number): Promise<void> {
    await this.#keeper.ask("cut", this.path, flags);
  }

  /** The power is back. Nobody may have a file open. */
  async remount(): Promise<void> {
    await this.#keeper.ask("run", "umount", this.path);
    await this.#mount();
  }

  async #mount(): Promise<void> {
    const options = ["loop", this.kind.options].filter(Boolean).join(",");
    await this.#keeper.ask("run", "mount", "-o", options, this.#image, this.path);
  }
}
