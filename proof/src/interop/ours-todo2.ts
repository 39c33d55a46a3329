/** Changes one task of exarp's database by our own calls. Arguments: directory, how often. */
import { TaskConflictError } from "@flockwork/tasks";
import { openTodo2 } from "@flockwork/tasks/todo2";
import { told } from "./together.ts";

const [directory = "", times = "0"] = process.argv.slice(2);
const todo2 = openTodo2(directory);
console.log("ready");
await told();
for (let done = 0; done < Number(times);) {
  const task = await todo2.get("T-1");
  if (task === undefined) throw new Error("the task is gone");
  try {
    await todo2.update(
      "T-1",
      { content: String(Number(task.content) + 1) },
      { expectedVersion: task.version },
    );
    done += 1;
  } catch (error) {
    if (!(error instanceof TaskConflictError)) throw error;
  }
}
await todo2.close();
