// FlowForge's own names, for scripts that change only their `require`
export * from "./flowforge/drop-in.ts";
