/** Program: makes one call in a directory and says how it ended. Arguments: the call's name, the directory. */
import { bindingInUse } from "@flockwork/flock";
import { callNamed, endingOf, type CallerEnding } from "./call-ending.ts";

const [name = "", directory = ""] = process.argv.slice(2);
const ending = await endingOf(callNamed(name), directory);
const told: CallerEnding = { ...ending, binding: bindingInUse() };
console.log(JSON.stringify(told));
