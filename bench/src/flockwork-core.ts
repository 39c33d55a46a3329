/** What is measured, from the package itself; documents and logs from their files until the package exports them. */
export { withWriteLock } from "@flockwork/core";
export { jsonDocument } from "../../packages/core/src/document/json-document.ts";
export { jsonlLog } from "../../packages/core/src/log/jsonl-log.ts";
