import { rules, type Finding } from "./finding.ts";

/** The findings in SARIF 2.1.0, which code hosts and editors show beside the code. */
export function toSarif(findings: readonly Finding[]): unknown {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "flockwork doctor",
            rules: Object.entries(rules).map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        results: findings.map(({ rule, path, line, column, message, advice }) => ({
          ruleId: rule,
          level: rule === "unreadable-source" ? "note" : "warning",
          message: { text: `${message}. Instead: ${advice}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: path.split("/").map(encodeURIComponent).join("/") },
                ...(line === 0 ? {} : { region: { startLine: line, startColumn: column } }),
              },
            },
          ],
        })),
      },
    ],
  };
}
