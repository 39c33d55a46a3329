// FlowForge's own names, for scripts that change only their `require`
export * from "./flowforge/drop-in.ts";

// Its provider bridge, for commands that run it
export {
  providerBridge,
  runProviderBridge,
  type BridgeOptions,
  type BridgeOutcome,
} from "./flowforge/provider-bridge.ts";
