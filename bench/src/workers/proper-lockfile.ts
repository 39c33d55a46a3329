/** The part of proper-lockfile that is compared with; the package has no types. */
export interface ProperLockfile {
  readonly lock: (
    file: string,
    options: {
      readonly realpath?: false;
      readonly retries?: {
        /** A large finite count makes `retry` build an array of that size per call. */
        readonly forever: true;
        readonly minTimeout: number;
        readonly maxTimeout?: number;
        readonly factor: number;
      };
    },
  ) => Promise<() => Promise<void>>;
}
