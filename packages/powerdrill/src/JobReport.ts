/**
 * An answer as a whole: the fold of a job's events, or the answer of a job that was not streamed. Both give the same.
 *
 * The rules are those that the vendor's own answers follow: a text is appended to the block before it *of its group*
 * where that is a text, so that tables and pictures keep their place; sources and questions stand at the end.
 */
import type * as EventStream from "@effect-sse/core/EventStream"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Block from "./Block.ts"
import type { GroupId, JobId } from "./Ids.ts"
import * as Fence from "./internal/fence.ts"
import { GrowingText } from "./internal/growingText.ts"
import type * as JobEvent from "./JobEvent.ts"

/**
 * A step of the job, with its blocks in their order; sources and questions are no step's.
 */
export interface Group {
  readonly id: GroupId
  /** Its name in the answer's language, as it came first. */
  readonly name: string | undefined
  readonly stage: Block.Stage | undefined
  readonly blocks: ReadonlyArray<Block.Block>
}

/**
 * What came and has no place in an answer: hints, notes, events of older versions and unknown ones, and, under
 * `onMalformed: "emit"`, those that could not be read.
 */
export type Other =
  | JobEvent.Trigger
  | JobEvent.AiMessageId
  | JobEvent.Process
  | JobEvent.Tag
  | JobEvent.Chart
  | JobEvent.Unknown
  | EventStream.Malformed

/**
 * An answer as a whole.
 */
export interface JobReport {
  /** `undefined` only when the stream never told it. */
  readonly jobId: JobId | undefined
  /** A title for the session; only older versions make one. */
  readonly title: string | undefined
  /** The answer's text in Markdown: the texts of the answering stage, joined. Texts of working steps are not in it. */
  readonly answer: string
  /** All blocks in order, sources and questions last. */
  readonly blocks: ReadonlyArray<Block.Block>
  /** The steps that have an id, in order of appearance. */
  readonly groups: ReadonlyArray<Group>
  /** The latest state of each step, in order of appearance; none when the job was not streamed. */
  readonly tasks: ReadonlyArray<JobEvent.Task>
  /** Each table once, by its URL without query, with the latest expiry. */
  readonly tables: ReadonlyArray<Block.Table>
  /** Each picture once, by its URL without query, with the latest expiry. */
  readonly images: ReadonlyArray<Block.Image>
  readonly sources: ReadonlyArray<Block.Source>
  readonly questions: ReadonlyArray<string>
  readonly others: ReadonlyArray<Other>
}

/**
 * What a report can be made of: a job's events, and the elements that options of its stream add. After a `Restarted` the
 * report begins anew.
 */
export type Element = JobEvent.JobEvent | EventStream.Malformed | EventStream.Restarted

/**
 * A report in the making. Adding is cheap, whatever came before; taking the report costs as much as it is large.
 */
export interface Builder {
  readonly add: (element: Element) => void
  /** The report of what was added so far; more may be added afterwards. */
  readonly report: () => JobReport
}

/**
 * A block in the making, its text in pieces.
 */
interface Draft {
  readonly block: Block.Block
  /** None for a block that comes whole. */
  readonly text: GrowingText | undefined
  readonly fence: Fence.Fence | undefined
}

interface State {
  jobId: JobId | undefined
  title: string | undefined
  readonly drafts: Array<Draft>
  readonly sources: Array<Block.Sources>
  readonly questions: Array<Block.Questions>
  readonly groups: Map<GroupId, Omit<Group, "blocks">>
  /** The latest block of each group, and of what belongs to none. */
  readonly latest: Map<GroupId | undefined, Draft>
  readonly tasks: Map<string, JobEvent.Task>
  readonly others: Array<Other>
}

const emptyState = (): State => ({
  jobId: undefined,
  title: undefined,
  drafts: [],
  sources: [],
  questions: [],
  groups: new Map(),
  latest: new Map(),
  tasks: new Map(),
  others: []
})

/** An event without what only events have. */
const withoutTime = <B extends Block.Block>({ created: _, ...block }: B & JobEvent.Envelope): B => block as unknown as B

/**
 * Starts a report.
 *
 * **Example** (What came before a stream broke)
 *
 * ```ts
 * import { JobReport, Powerdrill, type JobRequest } from "@effect-sse/powerdrill"
 * import { Effect, Stream } from "effect"
 *
 * const asFarAsItCame = (request: JobRequest.JobRequest) =>
 *   Effect.gen(function*() {
 *     const { jobs } = yield* Powerdrill
 *     const builder = JobReport.builder()
 *     yield* jobs.stream(request).pipe(
 *       Stream.runForEach((event) => Effect.sync(() => builder.add(event))),
 *       Effect.catchTag("MissingDoneError", (error) => Effect.logWarning(error.message))
 *     )
 *     return builder.report()
 *   })
 * ```
 */
export const builder = (): Builder => {
  let state = emptyState()
  // The text that is being written, so that the next piece needs no lookup.
  let writing: Draft | undefined

  const group = ({ groupId, groupName, stage }: Block.Placed): void => {
    if (groupId === undefined) return
    const seen = state.groups.get(groupId)
    if (seen === undefined) state.groups.set(groupId, { id: groupId, name: groupName, stage })
    else if (seen.name === undefined && groupName !== undefined) state.groups.set(groupId, { ...seen, name: groupName })
  }

  const open = (block: Block.Block, text?: GrowingText, fence?: Fence.Fence): Draft => {
    const draft: Draft = { block, text, fence }
    state.drafts.push(draft)
    state.latest.set(block.groupId, draft)
    group(block)
    return draft
  }

  const addText = (event: JobEvent.Message): void => {
    if (writing === undefined || writing.block.groupId !== event.groupId) {
      const latest = state.latest.get(event.groupId)
      writing = latest?.block._tag === "Message" ? latest : open(withoutTime(event), new GrowingText())
    }
    writing.text?.push(event.text)
  }

  const addCode = (event: JobEvent.Code): void => {
    const latest = state.latest.get(event.groupId)
    const unfinished = latest?.fence?.isOpen() === true ? latest : undefined
    const fence = unfinished?.fence ?? Fence.make()
    fence.push(event.code)
    const draft = unfinished ?? open(withoutTime(event), new GrowingText(), fence)
    draft.text?.push(event.code)
  }

  const add = (element: Element): void => {
    if (element._tag === "Message") return addText(element)
    switch (element._tag) {
      case "JobId":
        state.jobId = element.jobId
        return
      case "Task":
        state.tasks.set(element.taskId, element)
        return group(element)
      case "Code":
        writing = undefined
        return addCode(element)
      case "Table":
      case "Image":
      case "ChartInfo":
        writing = undefined
        open(withoutTime(element))
        return
      case "Sources":
        state.sources.push(withoutTime(element))
        return
      case "Questions":
        state.questions.push(withoutTime(element))
        return
      case "TitleGeneration":
        state.title = element.title
        return
      case "Restarted":
        state = emptyState()
        writing = undefined
        return
      case "Trigger":
      case "AiMessageId":
      case "Process":
      case "Tag":
      case "Chart":
      case "Unknown":
      case "Malformed":
        state.others.push(element)
    }
  }

  return {
    add,
    report: () =>
      make({
        ...state,
        blocks: [...state.drafts.map(finished), ...state.sources, ...state.questions],
        groups: [...state.groups.values()],
        tasks: [...state.tasks.values()],
        others: [...state.others]
      })
  }
}

/** The block of a draft. */
const finished = ({ block, text }: Draft): Block.Block => {
  if (text === undefined) return block
  switch (block._tag) {
    case "Message":
      return { ...block, text: text.value() }
    case "Code":
      return { ...block, code: text.value() }
    default:
      return block
  }
}

interface Parts {
  readonly jobId: JobId | undefined
  readonly title: string | undefined
  readonly blocks: ReadonlyArray<Block.Block>
  readonly groups: ReadonlyArray<Omit<Group, "blocks">>
  readonly tasks: ReadonlyArray<JobEvent.Task>
  readonly others: ReadonlyArray<Other>
}

/** Draws from the blocks what is in them. */
const make = ({ blocks, groups, jobId, others, tasks, title }: Parts): JobReport => {
  let answer = ""
  const byGroup = new Map<GroupId, Array<Block.Block>>(groups.map(({ id }) => [id, []]))
  const tables = new Map<string, Block.Table>()
  const images = new Map<string, Block.Image>()
  const sources: Array<Block.Source> = []
  const questions: Array<string> = []
  for (const block of blocks) {
    if (block.groupId !== undefined && ofStep(block)) byGroup.get(block.groupId)?.push(block)
    switch (block._tag) {
      case "Message":
        if (block.stage !== "Analyze") answer += block.text
        break
      case "Table":
        keepLatest(tables, block)
        break
      case "Image":
        keepLatest(images, block)
        break
      case "Sources":
        for (const source of block.sources) sources.push(source)
        break
      case "Questions":
        for (const question of block.questions) questions.push(question)
        break
    }
  }
  return {
    jobId,
    title,
    answer,
    blocks,
    groups: groups.map((group) => ({ ...group, blocks: byGroup.get(group.id) ?? [] })),
    tasks,
    tables: [...tables.values()],
    images: [...images.values()],
    sources,
    questions,
    others
  }
}

/**
 * Whether a block is a step's. Sources and questions are the answer's as a whole: a stream sends them within some step, an
 * answer in none.
 */
const ofStep = ({ _tag }: Block.Block): boolean => _tag !== "Sources" && _tag !== "Questions"

/** Keeps one link for each file: the one that lives longest, and of those that do not say, the last one. */
const keepLatest = <B extends Block.Link>(kept: Map<string, B>, block: B): void => {
  const key = block.url.split(/[?#]/, 1)[0]!
  const before = kept.get(key)?.expiresAt
  if (before !== undefined && (block.expiresAt === undefined || DateTime.isLessThan(block.expiresAt, before))) return
  kept.set(key, block)
}

/**
 * The report of nothing.
 */
export const empty: JobReport = make({
  jobId: undefined,
  title: undefined,
  blocks: [],
  groups: [],
  tasks: [],
  others: []
})

/**
 * Runs a stream of events to its report. Fails as the stream does; see {@link builder} for keeping what came before.
 *
 * **Example** (Show the text as it comes, and have the report in the end)
 *
 * ```ts
 * import { JobEvent, JobReport, Powerdrill, type JobRequest } from "@effect-sse/powerdrill"
 * import { Console, Effect, Stream } from "effect"
 *
 * const ask = (request: JobRequest.JobRequest) =>
 *   Powerdrill.use(({ jobs }) =>
 *     jobs.stream(request).pipe(
 *       Stream.tap((event) => JobEvent.isAnswer(event) ? Console.log(event.text) : Effect.void),
 *       JobReport.fold
 *     )
 *   )
 * ```
 */
export const fold = <E, R>(self: Stream.Stream<Element, E, R>): Effect.Effect<JobReport, E, R> =>
  Effect.suspend(() => {
    const { add, report } = builder()
    return self.pipe(
      Stream.runForEachArray((elements) =>
        Effect.sync(() => {
          for (let i = 0; i < elements.length; i++) add(elements[i]!)
        })
      ),
      Effect.map(report)
    )
  })

/**
 * The answer of a job that was not streamed, read.
 */
export interface Answer {
  readonly jobId: JobId
  readonly blocks: ReadonlyArray<Block.Block>
}

/**
 * Makes the report of an answer that was not streamed, or that the history of a session holds.
 */
export const fromAnswer = ({ blocks, jobId }: Answer): JobReport => {
  const groups = new Map<GroupId, Omit<Group, "blocks">>()
  for (const block of blocks) {
    const { groupId, groupName, stage } = block
    if (groupId === undefined || !ofStep(block)) continue
    const seen = groups.get(groupId)
    groups.set(groupId, { id: groupId, name: seen?.name ?? groupName, stage: seen?.stage ?? stage })
  }
  return make({ jobId, title: undefined, blocks, groups: [...groups.values()], tasks: [], others: [] })
}
