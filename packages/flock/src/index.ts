export type {
  BindingName,
  CheckedWait,
  CheckedWaitEnd,
  FlockBinding,
  FlockWait,
  LockMode,
  PreparedLock,
  WaitEnd,
} from "./binding.ts";
export { type FailedBinding, FlockSystemError, FlockUnavailableError } from "./errors.ts";
export { GrantCheck } from "./grant-check.ts";
export { bindingInUse, loadBinding, type LoadBindingOptions } from "./load-binding.ts";
