/** Program: makes one public call on a file and says how it ended. Arguments: the call's name, the file. */
import { callNamed, endingOf } from "./call-ending.ts";

const [name = "", path = ""] = process.argv.slice(2);
console.log(JSON.stringify(await endingOf(callNamed(name), path)));
