// For typedoc: `@throws {SomeError}` names an error that the file need not import. Every error class has one name in all
// packages, so the name is enough to find its page.
import { ReflectionKind } from "typedoc";

export function load(app) {
  app.converter.addUnknownSymbolResolver((reference, from) => {
    const [name, ...others] = reference.symbolReference?.path ?? [];
    if (name === undefined || others.length > 0) return undefined;
    const classes = from.project.getReflectionsByKind(ReflectionKind.Class);
    const target = classes.find((each) => each.name === name.path);
    return target === undefined ? undefined : { target };
  });
}
