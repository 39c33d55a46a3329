import { dirname } from "node:path";
import { ReadFailedError } from "../errors.ts";
import { checkPath } from "../options.ts";
import { osCodeOf } from "../os-error.ts";
import { files } from "./file-system.ts";

/** File systems whose flock may not reach other machines, by the magic number of statfs(2). */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x0bd00bd0, "Lustre"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x20030528, "OrangeFS"],
  [0xaad7aaea, "PanFS"],
  [0xbeefdead, "StorNext"],
  [0x013111a8, "IBRIX"],
  [0x61636673, "ACFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x786f4256, "vboxsf"],
  [0xbacbacbc, "vmhgfs"],
  [0x7c7c6673, "prl_fs"],
]);

/**
 * The name of the network file system a path lies on, or undefined on a local one. What is missing lies where its nearest
 * existing directory does.
 *
 * @throws {ReadFailedError} when the operating system refuses.
 */
export function networkFileSystemOf(path: string): string | undefined {
  checkPath("path", path);
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    try {
      return networkFileSystems.get(files.statfsSync(directory).type >>> 0);
    } catch (error) {
      if (osCodeOf(error) !== "ENOENT" || dirname(directory) === directory)
        throw new ReadFailedError(path, error);
    }
  }
}
