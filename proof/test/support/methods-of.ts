/** The names of an object's public methods, of all its classes. */
export function methodsOf(of: object): string[] {
  const names: string[] = [];
  for (
    let each: unknown = Object.getPrototypeOf(of);
    each !== Object.prototype;
    each = Object.getPrototypeOf(each)
  )
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each as object)))
      if (typeof value === "function" && name !== "constructor") names.push(name);
  return names;
}
