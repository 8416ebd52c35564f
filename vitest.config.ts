import { projects } from "./vitest.workspace.ts"
export default { test: { projects } }
