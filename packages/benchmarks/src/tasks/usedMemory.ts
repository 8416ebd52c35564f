/** What is alive in this process, in bytes: objects, and the buffers outside of the heap that they hold. */
export const usedMemory = (): number => {
  globalThis.gc!()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}
