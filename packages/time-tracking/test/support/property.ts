import fc from "fast-check";

/** One seed by default, so that a red run is red again; another one by `FLOCKWORK_SEED`. */
fc.configureGlobal({
  seed: Number(process.env["FLOCKWORK_SEED"] ?? 20_260_301),
  numRuns: Number(process.env["FLOCKWORK_RUNS"] ?? 60),
});

export { fc };
