/** What a list of system calls, as strace keeps it, did to names and contents: begun and ended apart, since threads overlap. */

/** One call that changes a file, a name, or makes a change durable. */
export interface DiskCall {
  readonly name: string;
  /** The names among its arguments, in order. */
  readonly paths: readonly string[];
  /** The descriptor it works on. Undefined: it works on names. */
  readonly fd: number | undefined;
  readonly text: string;
  /** What it returned: -1 where it failed, undefined where it has not ended. */
  result: number | undefined;
}

/** Each call is there twice: where it begins and where it ends. */
export interface DiskEvent {
  readonly call: DiskCall;
  readonly at: "begin" | "end";
}

const onDescriptors =
  /^(?:close|write|pwrite64|ftruncate|fsync|fdatasync|copy_file_range|fchmod|fchown|flock|fcntl)$/;

export function diskEvents(lines: readonly string[]): DiskEvent[] {
  const events: DiskEvent[] = [];
  const unfinished = new Map<string, DiskCall>();
  for (const line of lines) {
    const [, thread = "", text = ""] = /^(?:(\d+)\s+)?(.*)$/s.exec(line) ?? [];
    if (text.startsWith("<... ")) {
      const call = unfinished.get(thread);
      unfinished.delete(thread);
      if (call !== undefined) events.push(ended(call, text));
      continue;
    }
    const [, name] = /^(\w+)\(/.exec(text) ?? [];
    if (name === undefined) continue;
    const call: DiskCall = { name, text, result: undefined, ...argumentsOf(name, text) };
    events.push({ call, at: "begin" });
    if (text.endsWith("<unfinished ...>")) unfinished.set(thread, call);
    else events.push(ended(call, text));
  }
  return events;
}

function ended(call: DiskCall, text: string): DiskEvent {
  call.result = Number(/= (-?\d+)[^=]*$/.exec(text)?.[1] ?? Number.NaN);
  return { call, at: "end" };
}

function argumentsOf(name: string, text: string): Pick<DiskCall, "paths" | "fd"> {
  if (onDescriptors.test(name)) {
    // copy_file_range writes to its third argument.
    const place = name === "copy_file_range" ? /^\w+\(\d+, [^,]+, (\d+)/ : /^\w+\((\d+)/;
    return { paths: [], fd: Number(place.exec(text)?.[1]) };
  }
  return {
    paths: [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path = ""]) => path),
    fd: undefined,
  };
}
