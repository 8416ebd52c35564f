/** A process that measures: takes a task as its argument, and runs it as often as asked. */
import { type Run, start, type Task } from "../tasks.ts"
import * as Process from "./Process.ts"

const task = JSON.parse(process.argv[2]!) as Task
const run: Run = await start(task)

// Without a forced garbage collection before each run: with the last object of a shape V8 drops the code compiled for that shape,
// and the run would begin by compiling it anew. The garbage of the runs before is the candidate's own.
Process.serve(run)
