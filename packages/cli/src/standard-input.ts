import { UsageError } from "./command.ts";

/**
 * Everything that comes on standard input, as text.
 *
 * @throws {UsageError} it is not UTF-8. Bytes that mean nothing are not replaced by others.
 */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new UsageError("standard input is not UTF-8. Nothing was done");
  }
}
