/** The packages' tests, one project each: `vitest run --project core`. */
const project = (name: string) => ({
  extends: true as const,
  test: { name, root: `packages/${name}`, include: ["test/**/*.test.ts"], testTimeout: 30_000, pool: "forks" as const }
})

export const projects = ["core", "powerdrill", "twelvelabs", "emulator"].map(project)
