/** A document of 10 KB, or of more, indented by two, as such files look: a list of small objects. */
export interface TenKilobytes {
  counter: number;
  items: { id: string; title: string; state: string; tags: string[]; priority: number; notes: string }[];
}

export function tenKilobytes(kilobytes = 10): TenKilobytes {
  const items = Array.from({ length: Math.round(4.1 * kilobytes) }, (_, at) => ({
    id: `item-${at}`,
    title: `A thing to do, number ${at}`,
    state: "open",
    tags: ["alpha", "beta"],
    priority: at % 5,
    notes: "because it is to be done ".repeat(2),
  }));
  return { counter: 0, items };
}
