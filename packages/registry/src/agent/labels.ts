/** Labels, with the rules of Kubernetes, so that its selectors mean the same here. */

const part = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)$/;
const prefix = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const longestPrefix = 253;

/** Whether it may be the key of a label: a name of at most 63 characters, with or without a DNS name and a slash before it. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash === -1) return part.test(key);
  const domain = key.slice(0, slash);
  return domain.length <= longestPrefix && prefix.test(domain) && part.test(key.slice(slash + 1));
}

/** Whether it may be the value of a label: empty, or at most 63 characters. */
export function isLabelValue(value: string): boolean {
  return value === "" || part.test(value);
}

/** A copy of labels that may be stored. @throws {TypeError} naming the label that may not. */
export function checkLabels(labels: unknown): Record<string, string> {
  if (labels === undefined) return {};
  if (typeof labels !== "object" || labels === null || Array.isArray(labels))
    throw new TypeError("labels must be an object: key → value");
  const checked: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels)) {
    if (!isLabelKey(key))
      throw new TypeError(
        `${JSON.stringify(key)} cannot be a label: 1 to 63 letters, digits, "-", "_" and ".", with an optional "dns.name/" before them`,
      );
    if (typeof value !== "string" || !isLabelValue(value))
      throw new TypeError(
        `The label ${key} must be a string of at most 63 letters, digits, "-", "_" and "."`,
      );
    checked[key] = value;
  }
  return checked;
}
