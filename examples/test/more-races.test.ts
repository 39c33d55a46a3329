import { races, testRaces } from "./run-example.ts";

testRaces(races.filter((_, at) => at % 2 === 1));
