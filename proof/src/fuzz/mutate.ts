import type { Random } from "../harness/random.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateJson } from "./mutate-json.ts";

/** Changes a file: by what it means where that can be told, else, and now and then all the same, by its bytes. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  if (random.next() < 0.35) return mutateBytes(bytes, random);
  const text = bytes.toString();
  const whole = mutateJson(text, random);
  if (whole !== undefined) return Buffer.from(whole + (text.endsWith("\n") ? "\n" : ""));
  const lines = text.split("\n");
  const at = random.between(0, lines.length - 1);
  const line = mutateJson(lines[at] ?? "", random);
  if (line === undefined) return mutateBytes(bytes, random);
  lines[at] = line;
  return Buffer.from(lines.join("\n"));
}
