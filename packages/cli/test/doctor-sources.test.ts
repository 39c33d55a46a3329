import { describe, expect, it, vi } from "vitest";
import { eraseTypeScript } from "../src/doctor/erase-typescript.ts";
import { parseSource } from "../src/doctor/parse-source.ts";
import { scanSource } from "../src/doctor/scan-source.ts";

describe("sources that are more than JavaScript and types", () => {
  it.each([
    "export const enum X { A = '}', B /* } */ }\nf();",
    "namespace N.M { export const a = `}${'}'}`; export function f(): void {} }",
    "class A { constructor(private readonly x: string, @i() public y = 1) { const r = /[/'\"]}/; } }",
    "import fs = require('fs');\nexport import Q = A.B.C;\nexport = class {};",
    "const x = <string>y; const z = <any>(<unknown>q); const g = <T>(x: T) => x;",
    "@dec({ a: [1] }) export class Z { @a.b() private x = 1; @c y(@d() p: string) {} }",
    "declare module 'x' { export const a: string }\nconst e = { enum: 1, module: 2 }; e.enum;",
  ])("%j is parsed, with everything where it was", (code) => {
    expect(eraseTypeScript(code)).toHaveLength(code.length);
    expect(parseSource("a.ts", code).program.body.length).toBeGreaterThan(0);
  });

  it("are parsed without a warning of Node's on the user's terminal", () => {
    const warn = vi.spyOn(process, "emitWarning");
    parseSource("a.ts", "const a: number = 1;");
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

describe("trees that call a lot", () => {
  it("are followed to the end, although each function hands more on than it was handed", () => {
    const functions = Array.from({ length: 60 }, (_, n) =>
      n === 59
        ? `function f59(a, b) { fs.writeFileSync(a, JSON.parse(fs.readFileSync(a)) + b); }`
        : `function f${n}(a, b) { f${n + 1}(a + b, b + a); f${n + 1}({ a, b }, [a]); }`,
    );
    const found = scanSource("deep.js", functions.join("\n")).map(({ line }) => line);
    expect(found).toEqual([60]);
  });

  it("are followed to the end, although every function calls many others that write", () => {
    const layer = (depth: number): string =>
      Array.from({ length: 15 }, (_, n) => {
        const calls = Array.from({ length: 15 }, (__, m) => `f${depth + 1}_${m}(p + "${m}");`).join(" ");
        return `function f${depth}_${n}(p) { const d = fs.readFileSync(p + "${n}"); ${depth === 9 ? "" : calls} fs.writeFileSync(p + "${n}", d + 1); }`;
      }).join("\n");
    const code = Array.from({ length: 10 }, (_, depth) => layer(depth)).join("\n");
    expect(scanSource("wide.js", code)).toHaveLength(150);
  });
});
