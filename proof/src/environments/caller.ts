/** Program: makes one call in a directory and says how it ended. Arguments: the call's name, the directory. */
import { callNamed, endingOf } from "./call-ending.ts";

const [name = "", directory = ""] = process.argv.slice(2);
console.log(JSON.stringify(await endingOf(callNamed(name), directory)));
