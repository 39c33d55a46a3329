export {
  bindingInUse,
  loadBinding,
  type BindingName,
  type FlockBinding,
  type FlockWait,
  type LockMode,
} from "./binding.ts";
export { FlockSystemError, FlockUnavailableError } from "./errors.ts";
