export type { LockMode } from "@flockwork/flock";
