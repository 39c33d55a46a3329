import { escapeHtml, timelineStyle } from "./timeline-style.ts";
import type { History, Operation } from "./history.ts";

export interface TimelineOptions<Input, Output> {
  readonly title: string;
  /** What stands in the bars. */
  readonly tell: (input: Input, output: Output | undefined) => string;
  /** Drawn strong, such as a counter-example; the others pale. Default: all strong. */
  readonly highlight?: readonly Operation<Input, Output>[] | undefined;
  /** Numbers the operations in the order they take effect in. */
  readonly order?: readonly Operation<Input, Output>[] | undefined;
  /** Shown below the drawing, as it is. */
  readonly text?: string | undefined;
}

const rowHeight = 30;
const slotWidth = 46;
const gutter = 130;

/**
 * Draws a history as one HTML page that needs nothing else: a lane for each client, a bar for each operation from its begin to
 * its end, open to the right where no answer came. Begins and ends are drawn in their order, evenly spaced, not to scale.
 */
export function timelineHtml<Input, Output>(
  history: History<Input, Output>,
  options: TimelineOptions<Input, Output>,
): string {
  const { title, text = "" } = options;
  const instants = [...new Set(history.flatMap(({ begunAt, endedAt }) => [begunAt, endedAt]))]
    .filter(Number.isFinite)
    .toSorted((one, other) => one - other);
  const slotOf = new Map(instants.map((instant, slot) => [instant, slot]));
  const width = gutter + (instants.length + 1) * slotWidth;
  const lanes = layLanes(history);
  const height = lanes.rows * rowHeight + 10;
  const bars = history.map((operation) => {
    const left = gutter + (slotOf.get(operation.begunAt) ?? 0) * slotWidth;
    const right = gutter + (slotOf.get(operation.endedAt) ?? instants.length + 0.5) * slotWidth;
    const top = (lanes.rowOf.get(operation) ?? 0) * rowHeight + 5;
    return bar(operation, { left, right, top }, options);
  });
  const names = lanes.clients.map(
    ({ client, row }) =>
      `<text class="client" x="8" y="${row * rowHeight + 23}">${escapeHtml(client)}</text>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${timelineStyle}</style></head>
<body><h1>${escapeHtml(title)}</h1>
<figure><svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img">
${[...names, ...bars].join("\n")}
</svg><figcaption>Time runs to the right, in order, not to scale. A bar without an end got no answer.</figcaption></figure>
<pre>${escapeHtml(text)}</pre></body></html>
`;
}

function bar<Input, Output>(
  operation: Operation<Input, Output>,
  { left, right, top }: { readonly left: number; readonly right: number; readonly top: number },
  { tell, highlight, order }: TimelineOptions<Input, Output>,
): string {
  const { client, input, output, begunAt, endedAt } = operation;
  const label = tell(input, output);
  const place = (order?.indexOf(operation) ?? -1) + 1;
  const pale = highlight !== undefined && !highlight.includes(operation);
  const kind = [output === undefined ? "open" : "", pale ? "pale" : ""].join(" ").trim();
  const width = Math.max(right - left - 4, 4);
  const shown = place > 0 ? `${place}. ${label}` : label;
  const until = endedAt === Infinity ? "no answer" : `${endedAt}`;
  return (
    `<g class="${kind}"><title>${escapeHtml(`${client}: ${label}\n${begunAt} to ${until}`)}</title>` +
    `<rect x="${left}" y="${top}" width="${width}" height="${rowHeight - 6}" rx="4"/>` +
    `<svg x="${left}" y="${top}" width="${width}" height="${rowHeight - 6}">` +
    `<text x="6" y="16">${escapeHtml(shown)}</text></svg></g>`
  );
}

interface Lanes {
  readonly rows: number;
  readonly clients: readonly { readonly client: string; readonly row: number }[];
  readonly rowOf: ReadonlyMap<unknown, number>;
}

/** One lane for each client, of as many rows as it has operations under way at once. */
function layLanes(history: History<unknown, unknown>): Lanes {
  const rowOf = new Map<unknown, number>();
  const clients: { client: string; row: number }[] = [];
  let rows = 0;
  const byClient = Map.groupBy(history, ({ client }) => client);
  for (const client of [...byClient.keys()].toSorted(byNumber)) {
    clients.push({ client, row: rows });
    const freeAt: number[] = [];
    const inOrder = (byClient.get(client) ?? []).toSorted((one, other) => one.begunAt - other.begunAt);
    for (const operation of inOrder) {
      const found = freeAt.findIndex((instant) => instant < operation.begunAt);
      const row = found === -1 ? freeAt.length : found;
      freeAt[row] = operation.endedAt;
      rowOf.set(operation, rows + row);
    }
    rows += freeAt.length;
  }
  return { rows, clients, rowOf };
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
