/** What loses data in a program: one rule a function. */
import type { AnyNode, CallExpression, IfStatement, Node, TryStatement } from "acorn";
import { fullAncestor } from "acorn-walk";
import { calleeName, fileCallsOf, isFunction, isLockCall, leaves, type FileCall } from "./file-calls.ts";
import type { Finding, RuleName } from "./finding.ts";
import { parseSource, textOf, type Source } from "./parse-source.ts";

export function scanSource(path: string, code: string): readonly Finding[] {
  let source: Source;
  try {
    source = parseSource(path, code);
  } catch (error) {
    return [
      {
        rule: "unreadable-source",
        path,
        line: 0,
        column: 0,
        message: (error as Error).message,
        advice: "check it by hand",
      },
    ];
  }
  const calls = fileCallsOf(source);
  const damage = defaultsOverDamage(source, calls);
  const covered = new Set(damage.map(({ write }) => write));
  return [
    ...damage.map(({ finding }) => finding),
    ...readModifyWrites(
      source,
      calls.filter((call) => !covered.has(call)),
    ),
    ...fixedTemporaryNames(source, calls),
    ...locksCreatedInTwoSteps(source, calls),
    ...unlockedAppends(source, calls),
    ...worksWithoutLock(source, calls),
  ];
}

function found(
  source: Source,
  rule: RuleName,
  { line, column }: Place,
  message: string,
  advice: string,
): Finding {
  return { rule, path: source.path, line, column, message, advice };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function placeOf(node: Node): Place {
  return { line: node.loc?.start.line ?? 0, column: (node.loc?.start.column ?? 0) + 1 };
}

/** A write of what was read before, in one function, or through a name that the whole module shares. */
function readModifyWrites(source: Source, calls: readonly FileCall[]): Finding[] {
  const shared = moduleNames(source);
  const findings: Finding[] = [];
  for (const write of calls) {
    if (write.act !== "write" || write.locked) continue;
    const read = calls.find(
      (call) =>
        call.act === "read" &&
        call.path === write.path &&
        (call.scope === write.scope ? call.node.start < write.node.start : isShared(call.path, shared)),
    );
    if (read === undefined) continue;
    findings.push(
      found(
        source,
        "read-modify-write",
        write,
        `${write.path} is written here and read on line ${read.line}, with no lock around both`,
        `updateJson(${write.path}, (data) => { … }) from @flockwork/core, or withWriteLock(${write.path}, …) around both`,
      ),
    );
  }
  return findings;
}

/** Names that are declared once for the whole module: constants and imports, not parameters. */
function moduleNames({ program }: Source): ReadonlySet<string> {
  const names = new Set<string>(["process", "__dirname", "import"]);
  for (const statement of program.body as AnyNode[]) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "VariableDeclaration") {
      for (const { id } of declaration.declarations) if (id.type === "Identifier") names.add(id.name);
    } else if (statement.type === "ImportDeclaration")
      for (const { local } of statement.specifiers) names.add(local.name);
  }
  return names;
}

/** Whether a path is made of names that the whole module shares, and of literals. */
function isShared(path: string, shared: ReadonlySet<string>): boolean {
  const code = path
    .replaceAll(/"[^"]*"|'[^']*'/g, "")
    .replaceAll(/`([^`]*)`/g, (_, text: string) => (text.match(/\$\{[^}]*\}/g) ?? []).join(" "));
  return [...code.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*/g)].every(([name]) => shared.has(name));
}

/** `catch` that answers with a value where reading or parsing failed, and a later write of the same file. */
function defaultsOverDamage(
  source: Source,
  calls: readonly FileCall[],
): { readonly finding: Finding; readonly write: FileCall }[] {
  const shared = moduleNames(source);
  return calls.flatMap((read) => {
    const guard = read.act === "read" ? swallowingTry(read) : undefined;
    if (guard === undefined || read.locked || !parses(guard.block)) return [];
    const write = calls.find(
      (call) =>
        call.act === "write" &&
        call.path === read.path &&
        call.node.start > guard.start &&
        (call.scope === read.scope || isShared(call.path, shared)),
    );
    if (write === undefined) return [];
    const message = `${read.path} is replaced by a default when it cannot be parsed, and line ${write.line} writes it over`;
    const advice = `jsonDocument(${read.path}, { defaults }) from @flockwork/core: a missing file gets the default, a damaged one an error`;
    return [{ finding: found(source, "default-over-damage", read, message, advice), write }];
  });
}

/** The innermost `try` around a call whose `catch` neither throws nor exits. */
function swallowingTry({ ancestors }: FileCall): TryStatement | undefined {
  return ancestors.findLast((node, at): node is TryStatement => {
    if (node.type !== "TryStatement" || node.block !== ancestors[at + 1] || !node.handler) return false;
    const { body } = node.handler.body;
    return !body.some((each) => each.type === "ThrowStatement" || isExit(each)) && !rethrows(node);
  });
}

function rethrows({ handler }: TryStatement): boolean {
  let throws = false;
  if (handler) fullAncestor(handler.body, (node) => void (throws ||= node.type === "ThrowStatement"));
  return throws;
}

function isExit(node: AnyNode): boolean {
  return (
    node.type === "ExpressionStatement" &&
    node.expression.type === "CallExpression" &&
    calleeName(node.expression) === "exit"
  );
}

function parses(block: Node): boolean {
  let found = false;
  fullAncestor(block, (node) => {
    if (node.type !== "CallExpression") return;
    found ||= /^(parse|readJson|readJsonSync|readJSON|readJSONSync)$/.test(
      calleeName(node as CallExpression) ?? "",
    );
  });
  return found;
}

function fixedTemporaryNames(source: Source, calls: readonly FileCall[]): Finding[] {
  const initial = initializers(source);
  return calls
    .filter(({ act, locked }) => act === "write" && !locked)
    .filter((call) => isFixedTemporary(call.path) || isFixedTemporary(initial(call)))
    .map((call) =>
      found(
        source,
        "fixed-temporary-name",
        call,
        `${call.path} is a temporary file with a fixed name`,
        "replaceFile(path, data) from @flockwork/core stages under a random name and renames",
      ),
    );
}

/** Ends in `.tmp` or the like, with nothing in it that tells two writers apart. */
function isFixedTemporary(path: string): boolean {
  return (
    /\.(tmp|temp|new|swp|bak~)["'`]\s*\)?$/.test(path) &&
    !/\bpid\b|random|uuid|nanoid|Date\.now|hrtime|performance\.now|mkdtemp/i.test(path)
  );
}

/** What a name is declared as in the function of a call, or for the whole module, in the words of the source. */
function initializers(source: Source): (call: FileCall) => string {
  const texts = new Map<string, string>();
  fullAncestor(source.program, (node, _state, ancestors) => {
    const declarator = node as AnyNode;
    if (declarator.type !== "VariableDeclarator" || declarator.id.type !== "Identifier" || !declarator.init)
      return;
    const scope = (ancestors as AnyNode[]).findLast((each) => isFunction(each));
    texts.set(`${scope?.start ?? ""} ${declarator.id.name}`, textOf(source, declarator.init));
  });
  return ({ path, scope }) => texts.get(`${scope?.start ?? ""} ${path}`) ?? texts.get(` ${path}`) ?? "";
}

/** `if (!existsSync(lock)) writeFileSync(lock, …)`, or the same with a return in between. */
function locksCreatedInTwoSteps(source: Source, calls: readonly FileCall[]): Finding[] {
  return calls.flatMap((look) => {
    const test =
      look.act === "exists"
        ? look.ancestors.findLast(
            (node): node is IfStatement => node.type === "IfStatement" || node.type === "WhileStatement",
          )
        : undefined;
    if (
      test === undefined ||
      look.node.start > test.test.end ||
      !/lock/i.test(look.path + textOf(source, test.test))
    )
      return [];
    const create = calls.find(
      (call) =>
        call.act === "write" &&
        call.path === look.path &&
        call.scope === look.scope &&
        call.node.start > look.node.start &&
        !exclusive(source, call),
    );
    if (create === undefined) return [];
    const message = `${look.path} is looked for here and created on line ${create.line}: two can find it missing at once`;
    return [
      found(
        source,
        "exists-then-create",
        look,
        message,
        "withWriteLock(path, …) from @flockwork/core, which the kernel releases when a process dies",
      ),
    ];
  });
}

function exclusive(source: Source, { node }: FileCall): boolean {
  return node.arguments.some(
    (argument) => /["'`]a?[rw]x/.test(textOf(source, argument)) || /O_EXCL/.test(textOf(source, argument)),
  );
}

function unlockedAppends(source: Source, calls: readonly FileCall[]): Finding[] {
  const initial = initializers(source);
  return calls
    .filter(
      (call) => call.act === "append" && !call.locked && /jsonl|ndjson/i.test(call.path + initial(call)),
    )
    .map((call) =>
      found(
        source,
        "unlocked-append",
        call,
        `${call.path} is appended to without a lock`,
        `appendJsonl(${call.path}, record) from @flockwork/core`,
      ),
    );
}

/** A lock whose failure is swallowed, with a write after it. */
function worksWithoutLock(source: Source, calls: readonly FileCall[]): Finding[] {
  const findings: Finding[] = [];
  fullAncestor(source.program, (node, _state, ancestors) => {
    if (!isLockCall(node)) return;
    const above = ancestors as AnyNode[];
    const at = above.findLastIndex(
      (each, index) => each.type === "TryStatement" && each.block === above[index + 1],
    );
    const guard = at === -1 ? undefined : (above[at] as TryStatement);
    if (
      guard?.handler === undefined ||
      guard.handler === null ||
      leaves(guard.handler.body) ||
      rethrows(guard)
    )
      return;
    const write = calls.find(
      ({ act, node: { start } }) => (act === "write" || act === "append") && start > guard.handler!.end,
    );
    const inFunction =
      write !== undefined && write.scope === above.findLast((each) => each.type.includes("Function"));
    if (write === undefined || !inFunction) return;
    const message = `when the lock is not had, line ${write.line} writes all the same`;
    findings.push(
      found(
        source,
        "write-without-lock",
        placeOf(node),
        message,
        "let the error end the work: withWriteLock(path, …) from @flockwork/core does",
      ),
    );
  });
  return findings;
}
