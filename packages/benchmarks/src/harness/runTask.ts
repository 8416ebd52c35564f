/** A process that measures: takes a task as its argument, and runs it as often as asked. */
import { type Run, start, type Task } from "../tasks.ts"
import * as Process from "./Process.ts"

const task = JSON.parse(process.argv[2]!) as Task
const run: Run = await start(task)

Process.serve(() => {
  return run()
})
