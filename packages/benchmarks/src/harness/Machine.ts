/** Where the figures were measured. */
import { cpus, totalmem } from "node:os"

/** The machine and its Node, in one line. */
export const machine = (): string => {
  const cores = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cores[0]?.model.trim() ?? "unknown CPU"}, ${cores.length} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}`
}
