/**
 * An answer as a Markdown document.
 *
 * The answer's texts are Markdown already and are kept. Names, titles, sources and questions come from outside: they show
 * as they are written, and cannot become links, markup or HTML.
 */
import type { Artifact } from "@effect-sse/core/Artifact"
import * as DateTime from "effect/DateTime"
import * as Block from "./Block.ts"
import type { GroupId } from "./Ids.ts"
import * as Markdown from "./internal/markdown.ts"
import type { JobReport } from "./JobReport.ts"

/**
 * Options of {@link render}.
 */
export interface Options {
  /** The heading of the document, as plain text. Default: the report's own title, where it has one. */
  readonly title?: string | undefined
  /**
   * Where a file was saved: its path from the document's folder, with `/` between folders; `undefined` for a file that was
   * not. By default none was.
   */
  readonly files?: ((artifact: Artifact) => string | undefined) | undefined
  /**
   * Writes the web address of files that were not saved. Default false: the links expire, and until then they let everyone
   * who has the document read the file.
   */
  readonly links?: boolean | undefined
  /** Also shows the working steps, each under its name, with their code. Default false: only the answer. */
  readonly analysis?: boolean | undefined
  /** Lists what the answer is drawn from. Default true. */
  readonly sources?: boolean | undefined
  /** Lists the questions that could be asked next. Default true. */
  readonly questions?: boolean | undefined
}

/**
 * Writes a report as Markdown. The same report and options give the same text.
 *
 * Tables become links and pictures are shown where `files` says that they were saved; else their names stand in their
 * place. `JobFiles.saveReport` saves the files and writes the document in one.
 *
 * **Example** (The answer as text)
 *
 * ```ts
 * import { JobMarkdown, type JobRequest, Powerdrill } from "@effect-sse/powerdrill"
 * import { Effect } from "effect"
 *
 * const ask = (request: JobRequest.JobRequest) =>
 *   Powerdrill.use(({ jobs }) => jobs.run(request)).pipe(
 *     Effect.map((report) => JobMarkdown.render(report, { title: request.question }))
 *   )
 * ```
 */
export const render = (report: JobReport, options?: Options): string => {
  const title = Markdown.plain(options?.title ?? report.title ?? "")
  const parts = [
    title === "" ? "" : `# ${title}`,
    ...(options?.analysis === true ? allSteps(report, options) : answer(report, options)),
    ...(options?.sources === false ? [] : sources(report)),
    ...(options?.questions === false ? [] : questions(report))
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

const answer = (report: JobReport, options: Options | undefined): ReadonlyArray<string> =>
  report.blocks.filter(({ stage }) => stage !== "Analyze").map((block) => blockText(block, options))

/** The blocks step by step, as parallel steps send theirs in turns. */
const allSteps = (report: JobReport, options: Options | undefined): ReadonlyArray<string> => {
  const steps = new Map<GroupId | undefined, Array<string>>()
  for (const block of report.blocks) {
    const text = blockText(block, options)
    if (text === "") continue
    const step = steps.get(block.groupId)
    if (step === undefined) steps.set(block.groupId, [`## ${stepName(report, block)}`, text])
    else step.push(text)
  }
  return [...steps.values()].flat()
}

const stepName = (report: JobReport, { groupId, stage }: Block.Placed): string => {
  const name = Markdown.plain(report.groups.find(({ id }) => id === groupId)?.name ?? "")
  return name !== "" ? name : stage === "Analyze" ? "Step" : "Answer"
}

const blockText = (block: Block.Block, options: Options | undefined): string => {
  switch (block._tag) {
    case "Message":
      return Markdown.markdown(block.text)
    case "Code":
      return Markdown.code(block.code)
    case "Table":
    case "Image":
    case "ChartInfo":
      return Block.artifactsOf(block)
        .map((artifact) => fileText(artifact, options))
        .join("\n\n")
    // Sources and questions have lists of their own; what is unknown has no form.
    case "Sources":
    case "Questions":
    case "Unknown":
      return ""
  }
}

const fileText = (artifact: Artifact, options: Options | undefined): string => {
  const kind = artifact.kind === "image" ? "Image" : "Table"
  const name = Markdown.plain(artifact.name)
  const path = options?.files?.(artifact)
  const target =
    path !== undefined
      ? Markdown.pathTarget(path)
      : options?.links === true
        ? Markdown.urlTarget(artifact.url)
        : undefined
  if (target !== undefined) return `${kind === "Image" ? "!" : ""}[${name === "" ? kind : name}](${target})`
  const when = artifact.expiresAt === undefined ? "" : ` on ${DateTime.formatIso(artifact.expiresAt)}`
  return `${kind}${name === "" ? "" : `: ${name}`} (not saved; its link expires${when})`
}

const sources = (report: JobReport): ReadonlyArray<string> =>
  section(
    "Sources",
    report.sources.map(({ externalId, id, pageNo, source }, index) => {
      const number = index + 1
      // The answer refers to a source by its id, which is mostly its number.
      const mark = id === undefined || id === String(number) ? "" : `\\[${Markdown.plain(id)}\\] `
      const page = pageNo === undefined ? "" : `, page ${Markdown.plain(pageNo)}`
      return `${number}. ${mark}${Markdown.plain(source ?? externalId ?? "unnamed")}${page}`
    })
  )

const questions = (report: JobReport): ReadonlyArray<string> =>
  section(
    "Questions",
    report.questions.map((question) => `- ${Markdown.plain(question)}`)
  )

const section = (title: string, items: ReadonlyArray<string>): ReadonlyArray<string> =>
  items.length === 0 ? [] : [`## ${title}`, items.join("\n")]
