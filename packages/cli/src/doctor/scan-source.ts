/** What loses data in the sources of a tree. */
import { defaultsOverDamage } from "./default-over-damage.ts";
import { Effects } from "./effects.ts";
import { byPlace, type Finding } from "./finding.ts";
import { moduleOf, type Module } from "./modules.ts";
import { fixedTemporaryNames, locksInTwoSteps, unlockedAppends, worksWithoutLock } from "./other-rules.ts";
import { parseSource, type Source } from "./parse-source.ts";
import { openPairs } from "./pairs.ts";
import { lostUpdates } from "./read-modify-write.ts";

/** Looks at sources, by path, as one program: calls are followed from module to module. `onProgress` hears how far it has come. */
export function scanSources(
  sources: ReadonlyMap<string, string>,
  onProgress: (words: string) => void = () => {},
): readonly Finding[] {
  const modules = new Map<string, Module>();
  const findings: Finding[] = [];
  for (const [path, code] of sources) {
    const source = parsed(path, code);
    if (source instanceof Error)
      findings.push({
        rule: "unreadable-source",
        path,
        line: 0,
        column: 0,
        message: source.message,
        advice: "check it by hand",
      });
    else modules.set(path, moduleOf(source));
    if (modules.size % 20 === 0) onProgress(`${modules.size} of ${sources.size} sources parsed`);
  }
  onProgress(`following the calls of ${modules.size} sources`);
  const effects = new Effects(modules);
  const pairs = openPairs(effects);
  findings.push(...lostUpdates(pairs), ...defaultsOverDamage(effects, pairs));
  for (const rule of [fixedTemporaryNames, locksInTwoSteps, unlockedAppends, worksWithoutLock])
    findings.push(...rule(effects));
  return findings.filter((finding) => !isAccepted(finding, sources)).toSorted(byPlace);
}

/** `// flockwork-ignore RULE` at the end of the line, or on the one above. */
function isAccepted({ rule, path, line }: Finding, sources: ReadonlyMap<string, string>): boolean {
  const lines = sources.get(path)?.split("\n") ?? [];
  return [lines[line - 1], lines[line - 2]].some((text) => text?.includes(`flockwork-ignore ${rule}`));
}

/** Looks at one source by itself. */
export function scanSource(path: string, code: string): readonly Finding[] {
  return scanSources(new Map([[path, code]]));
}

function parsed(path: string, code: string): Source | Error {
  try {
    return parseSource(path, code);
  } catch (error) {
    return error as Error;
  }
}
