import { spawnSync } from "node:child_process";
import { StoreError, updateJson } from "@flockwork/core";
import { type Command, CommandFailedError, exitCodes, pathArgument, UsageError } from "../command.ts";
import { applyEdits, EditError } from "../edit/apply-edit.ts";
import { EditSyntaxError, parseEdits, type Edit } from "../edit/parse-edit.ts";
import { layoutOption, lockOptionsOf, nonBlockOption, timeoutOption } from "../lock-arguments.ts";
import { plain } from "../output.ts";

export const jsonEditCommand: Command = {
  name: "json-edit",
  summary: "change a JSON file: read, edit and replace under its lock",
  usage: `[options] FILE EXPRESSION   (.count += 1 | .tags += ["x"] | .owner = "me" | .note //= "" | del(.old))`,
  options: {
    layout: layoutOption,
    timeout: timeoutOption,
    nonblock: nonBlockOption,
    jq: {
      type: "boolean",
      says: "EXPRESSION is a program for jq, which must be installed; what it leaves equal keeps its bytes",
    },
    create: { type: "boolean", says: "begin with {} where the file is missing" },
  },
  async run(request, output) {
    const [first, expression, ...others] = request.positionals;
    if (expression === undefined || others.length > 0)
      throw new UsageError("a FILE and an EXPRESSION are expected");
    const file = pathArgument(first, "FILE");
    const change = request.values["jq"] === true ? changeByJq(expression) : changeByEdits(expression);
    const defaults = request.values["create"] === true ? { defaults: () => ({}) } : {};
    try {
      const receipt = await updateJson<unknown>(file, change, { ...lockOptionsOf(request), ...defaults });
      output.result({ changed: receipt.changed, revision: receipt.revision, durability: receipt.durability });
      output.say(`${plain(file)}: ${receipt.changed ? "changed" : "as it was"}`);
      return exitCodes.ok;
    } catch (error) {
      if (isMissing(error)) {
        const words = `${file} does not exist; --create begins with {}. Nothing was changed`;
        throw new CommandFailedError(words, "ERR_READ_FAILED");
      }
      if (!(error instanceof EditError)) throw error;
      throw new CommandFailedError(`${error.message}. Nothing was changed`, "ERR_EDIT_DOES_NOT_FIT");
    }
  },
};

function isMissing(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return error instanceof StoreError && cause?.code === "ENOENT";
}

function changeByEdits(expression: string): (draft: unknown) => unknown {
  let edits: readonly Edit[];
  try {
    edits = parseEdits(expression);
  } catch (error) {
    if (error instanceof EditSyntaxError) throw new UsageError(error.message);
    throw error;
  }
  const whole = edits.some(({ path }) => path.length === 0);
  return (draft) => {
    const holder = { root: whole ? structuredCloneOf(draft) : draft };
    applyEdits(holder, edits);
    return whole ? holder.root : undefined;
  };
}

/** A draft is not to be held in the value that replaces it. */
function structuredCloneOf(draft: unknown): unknown {
  return JSON.parse(JSON.stringify(draft)) as unknown;
}

function changeByJq(program: string): (draft: unknown) => unknown {
  return (draft) => {
    const { error, status, stdout, stderr } = spawnSync("jq", ["-c", program], {
      input: JSON.stringify(draft),
      encoding: "utf8",
      maxBuffer: 1 << 30,
    });
    if (error !== undefined)
      throw new UsageError(`jq cannot be run (${error.message}): install it, or do without --jq`);
    if (status !== 0) throw new EditError(`jq: ${stderr.trim()}`);
    const results = stdout.split("\n").filter((line) => line !== "");
    if (results.length !== 1) throw new EditError(`the jq program made ${results.length} values, not one`);
    return JSON.parse(results[0] ?? "null") as unknown;
  };
}
