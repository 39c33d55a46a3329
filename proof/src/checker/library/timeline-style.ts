/** Light and dark, as the reader's system is set. */
export const timelineStyle = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --bar: #cfe0f7; --edge: #4876b8; --open: #fbe3c0; --open-edge: #b7791f }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ef; --paper: #14181f; --bar: #23406b; --edge: #7ba7e6; --open: #4d3a17; --open-edge: #d9a74a } }
body { margin: 1.5rem; color: var(--ink); background: var(--paper); font: 14px/1.5 system-ui, sans-serif }
h1 { font-size: 1.2rem } figure { margin: 0; overflow-x: auto } figcaption { opacity: .7 }
svg text { font: 12px ui-monospace, monospace; fill: var(--ink) } svg text.client { font-weight: 600 }
rect { fill: var(--bar); stroke: var(--edge) } .open rect { fill: var(--open); stroke: var(--open-edge); stroke-dasharray: 4 3 } .pale { opacity: .3 }
pre { overflow-x: auto }
`;

/** Text for between tags or within quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
