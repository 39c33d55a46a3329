/** Bytes that still do it, and fewer of them: halves, quarters, … are left out as long as `fails` says so. */
export async function minimise(
  bytes: Buffer,
  fails: (bytes: Buffer) => Promise<boolean>,
  tries: number,
): Promise<Buffer> {
  let least = bytes;
  let left = tries;
  for (
    let part = Math.ceil(least.length / 2);
    part >= 1 && left > 0;
    part = part === 1 ? 0 : Math.ceil(part / 2)
  ) {
    for (let at = 0; at < least.length && left > 0; left -= 1) {
      const without = Buffer.concat([least.subarray(0, at), least.subarray(at + part)]);
      if (await fails(without)) least = without;
      else at += part;
    }
  }
  return least;
}
