import type { DomainOperation } from "./domain-operation.ts";

type Domain = readonly DomainOperation[];

/** Loaded one by one: a process that is to be killed needs one of them only. */
const domains: Readonly<Record<string, () => Promise<Domain>>> = {
  beads: async () => (await import("./beads.ts")).beadsOperations,
  registry: async () => (await import("./registry.ts")).registryOperations,
  queue: async () => (await import("./queue.ts")).queueOperations,
  tasks: async () => (await import("./tasks.ts")).tasksOperations,
  time: async () => (await import("./time.ts")).timeOperations,
};

export const domainNames: readonly string[] = Object.keys(domains);

/** Every operation of a domain. @throws {RangeError} none is called that. */
export async function operationsOf(domain: string): Promise<Domain> {
  const load = domains[domain];
  if (load === undefined) throw new RangeError(`no domain is called ${domain}`);
  return await load();
}

/** One operation. @throws {RangeError} none is called that. */
export async function domainOperation(name: string): Promise<DomainOperation> {
  const found = (await operationsOf(name.split(":")[0] ?? "")).find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`no operation is called ${name}`);
  return found;
}
