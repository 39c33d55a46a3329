/** The few shapes a picture is made of, and its colours: one set for light pages, one for dark ones. */

/** Width of a character of the font, in parts of its size: enough for most texts. */
const characterWidth = 0.56;

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const list = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${typeof value === "number" ? Math.round(value * 10) / 10 : escapeText(value)}"`,
  );
  return content === "" ? `<${name}${list.join("")}/>` : `<${name}${list.join("")}>${content}</${name}>`;
}

/** @param kind - Classes of the style sheet, separated by spaces. */
export function text(x: number, y: number, content: string, kind = ""): string {
  return element("text", { x, y, ...(kind === "" ? {} : { class: kind }) }, escapeText(content));
}

export function escapeText(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Breaks a text into lines of at most this width, at spaces. */
export function wrap(content: string, width: number, size: number): string[] {
  const most = Math.floor(width / (size * characterWidth));
  const lines: string[] = [];
  let line = "";
  for (const word of content.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Cuts what would not fit. */
export function shorten(content: string, width: number, size: number): string {
  const most = Math.floor(width / (size * characterWidth));
  return content.length <= most ? content : `${content.slice(0, most - 1).trimEnd()}…`;
}

interface Palette {
  readonly page: string;
  readonly ink: string;
  readonly soft: string;
  readonly rule: string;
  readonly ours: string;
  readonly peer: string;
  readonly bare: string;
  readonly line: string;
  readonly goal: string;
  readonly met: string;
  readonly missed: string;
}

const light: Palette = {
  page: "#ffffff",
  ink: "#1f2430",
  soft: "#5b6472",
  rule: "#e3e6eb",
  ours: "#2563c9",
  peer: "#8391a7",
  bare: "#c8d0db",
  line: "#d9c89a",
  goal: "#c2410c",
  met: "#15803d",
  missed: "#b91c1c",
};

const dark: Palette = {
  page: "#12161c",
  ink: "#e6e9ef",
  soft: "#9aa5b5",
  rule: "#2a313c",
  ours: "#4f8fef",
  peer: "#77869d",
  bare: "#3f4a5a",
  line: "#7d6b3c",
  goal: "#fb923c",
  met: "#4ade80",
  missed: "#f87171",
};

/** Whole rules for each palette: not every renderer knows variables. */
function rulesOf(palette: Palette): string {
  const { page, ink, soft, rule, ours, peer, bare, line, goal, met, missed } = palette;
  return (
    `text{fill:${ink}}text.s{fill:${soft}}text.line,text.none{fill:${soft};font-size:11px}.met{fill:${met}}.missed{fill:${missed}}.page{fill:${page}}.ours{fill:${ours}}.peer{fill:${peer}}.bare{fill:${bare}}` +
    `.line{fill:${line}}.met-bar{fill:${met}}.missed-bar{fill:${missed}}.none-bar{fill:${bare}}.line-bar{fill:${line}}.w{stroke:${ink}}.g{stroke:${goal}}.r{stroke:${rule}}`
  );
}

export const styleSheet: string = `
text{font:12px -apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.h{font-size:20px;font-weight:600}.t{font-size:13px;font-weight:600}.s,.n,.met,.missed{font-size:11px}.m{text-anchor:middle}.e{text-anchor:end}.b{font-weight:600}
.w{stroke-width:1.2;fill:none}.g{stroke-width:2.5;fill:none}
${rulesOf(light)}
@media (prefers-color-scheme:dark){${rulesOf(dark)}}`;
