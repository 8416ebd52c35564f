/**
 * Builds the frames of a Powerdrill job, envelope by envelope, and folds them to the blocks of the non-streaming answer.
 */
import * as Crypto from "node:crypto"
import { extensionOf } from "./FileStore.ts"
import * as Frame from "./Frame.ts"
import type { Linker } from "./StoreLinks.ts"
import type { StoredName } from "./StoredObject.ts"
import type { FaultFrames } from "./WirePlan.ts"

/** Whether a step works or answers. */
export type Stage = "Analyze" | "Respond"

/** A step of a job; all its frames carry its id. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly stage: Stage
}

/** A block of the non-streaming answer. */
export interface Block {
  readonly type: string
  readonly content: unknown
  readonly group_id: string
  readonly group_name: string | null
  readonly stage: Stage
}

/** A frame, with the block that it adds to the answer, if any. */
export interface JobFrame extends Frame.Frame {
  readonly block?: Block | undefined
}

/** How the wire has spelt the expiry of a link over the years. */
export type ExpirySpelling = "expires_at" | "expired_at" | "expiredAt"

/** The sources that an answer names. */
export interface Source {
  readonly source: string
  readonly page: string | null
  readonly content: string | null
  readonly fileType: string
}

/** The data that a job looks at. */
export interface JobData {
  readonly datasetId: string
  readonly datasources: ReadonlyArray<{ readonly id: string; readonly name: string }>
}

/** What the frames of one job share. */
export interface JobOptions {
  readonly jobId: string
  /** Names groups and folders of links: equal seeds give equal ids, so that two runs can be compared. */
  readonly seed: string
  readonly now: () => number
  readonly link: Linker
  readonly question: string
  /** Its files stand in for the scenario's own sources. */
  readonly data?: JobData | undefined
}

/** The builder of one job. */
export type Job = ReturnType<typeof make>

/** The group of frames that belong to no step. */
export const noGroup: Group = { id: "-1", name: "", stage: "Analyze" }

const uuid = (text: string): string => {
  const hex = Crypto.createHash("sha256").update(text).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** ISO 8601 in UTC with up to six fraction digits and no trailing zeros, as the service writes it. */
const looseTime = (millis: number): string => {
  const micros = String(((millis % 1000) * 7919) % 1000).padStart(3, "0")
  return new Date(millis)
    .toISOString()
    .replace("Z", `${micros}Z`)
    .replace(/\.?0+Z$/, "Z")
}

/** Makes the builder. */
export const make = (options: JobOptions) => {
  const envelope = (group: Group, content: unknown, role: boolean): string =>
    JSON.stringify({
      id: group.id,
      model: "",
      choices: [{ delta: { ...(role ? { role: null } : {}), content }, index: 0, finish_reason: null }],
      created: Math.floor(options.now() / 1000),
      group_id: group.id,
      group_name: group.name,
      stage: group.stage
    })

  const raw = (event: string, data: string, wait = 0, id?: string): JobFrame => ({
    kind: "event",
    lines: [...(id === undefined ? [] : [`id:${id}`]), `event:${event}`, `data:${data}`],
    wait
  })

  const enveloped = (event: string, group: Group, content: unknown, wait: number, role = false): JobFrame =>
    raw(event, envelope(group, content, role), wait, group.id)

  const blockOf = (type: string, group: Group, content: unknown): Block => ({
    type,
    content,
    group_id: group.id,
    group_name: group.name,
    stage: group.stage
  })

  const withBlock = (type: string, group: Group, content: unknown, wait: number, role = false): JobFrame => ({
    ...enveloped(type, group, content, wait, role),
    block: blockOf(type, group, content)
  })

  const file = (type: "TABLE" | "IMAGE", group: Group, name: string, url: string, expiry: object, wait: number) => {
    // The service puts the fields of its two kinds of file in a different order.
    const content = type === "TABLE" ? { name, url, ...expiry } : { url, name, ...expiry }
    return withBlock(type, group, content, wait)
  }

  return {
    question: options.question,
    raw,
    enveloped,
    group: (name: string, stage: Stage): Group => ({ id: uuid(`${options.seed} ${stage} ${name}`), name, stage }),
    jobId: (): JobFrame => raw("JOB_ID", options.jobId),
    task: (group: Group, status: string, wait = 0, properties: Readonly<Record<string, string>> = {}): JobFrame =>
      enveloped(
        "TASK",
        group,
        {
          name: group.name,
          id: group.id === noGroup.id ? uuid(`${options.seed} search`) : group.id,
          status,
          parent_id: null,
          stage: group.stage,
          properties
        },
        wait
      ),
    message: (group: Group, text: string, wait = 0): JobFrame => withBlock("MESSAGE", group, text, wait, true),
    code: (group: Group, code: string, wait = 0): JobFrame =>
      withBlock("CODE", group, `\`\`\`python\n\n${code}\n\n\`\`\``, wait, true),
    /** A file of the store; the same name has the same path wherever it is sent. */
    stored(
      type: "TABLE" | "IMAGE",
      group: Group,
      name: StoredName,
      wait = 0,
      spelling: ExpirySpelling = "expires_at"
    ): JobFrame {
      const link = options.link(uuid(`${options.seed} ${name}`), name, options.now())
      return file(type, group, name, link.url, { [spelling]: looseTime(link.expiresAt) }, wait)
    },
    /** A file with a name and a link of any kind. */
    file(type: "TABLE" | "IMAGE", group: Group, name: string, url: string): JobFrame {
      return file(type, group, name, url, { expires_at: looseTime(options.now() + 600_000) }, 0)
    },
    link: (name: StoredName) => {
      const link = options.link(uuid(`${options.seed} ${name}`), name, options.now())
      return { url: link.url, expires: looseTime(link.expiresAt) }
    },
    sources(group: Group, sources: ReadonlyArray<Source>, wait = 0): JobFrame {
      const { datasetId = "dset-emulator0001", datasources = [] } = options.data ?? {}
      const content = sources.map((source, index) => {
        const real = datasources[index % Math.max(1, datasources.length)]
        return {
          id: String(index + 1),
          source: real?.name ?? source.source,
          page_no: source.page,
          content: source.content,
          datasource_id: real?.id ?? `ds-emulator000${index + 1}`,
          dataset_id: datasetId,
          file_type: real === undefined ? source.fileType : extensionOf(real.name).slice(1),
          external_id: null
        }
      })
      return withBlock("SOURCES", group, content, wait)
    },
    questions: (group: Group, questions: ReadonlyArray<string>, wait = 0): JobFrame =>
      withBlock("QUESTIONS", group, questions, wait),
    trigger: (group: Group): JobFrame =>
      enveloped("TRIGGER", group, { name: "conclusion_slice", arguments: { answer: "$answer" } }, 0),
    keepAlive: (wait = 0): JobFrame => Frame.comment("keep-alive", wait),
    end: (mark: "[DONE]" | "[ERROR]" = "[DONE]"): JobFrame => ({ ...raw("END_MARK", mark), kind: "mark" })
  }
}

/** The frames of the faults. */
export const faultFrames = (job: Job, code: string | undefined): FaultFrames => {
  const respond = job.group("Conclusions", "Respond")
  const numeric = code !== undefined && /^\d+$/.test(code)
  return {
    hasTerminal: false,
    delta: (text) => job.message(respond, text),
    malformed: () => job.raw("MESSAGE", `{"id":"${respond.id}","model":"","choices":[{"delta":{"content":"half a`),
    wrongShape: () => job.enveloped("MESSAGE", respond, { unexpected: ["not", "a", "text"] }, 0),
    streamError: () => [
      job.enveloped(
        "ERROR",
        { ...noGroup, stage: "Respond" },
        numeric
          ? { code: Number(code), message: "The job could not be carried out" }
          : { code: code ?? "Job execution failed" },
        0
      ),
      job.end("[ERROR]")
    ],
    errorMark: () => [job.end("[ERROR]")]
  }
}

/** Folds frames to the blocks of the non-streaming answer: texts of a step joined, sources and questions last. */
export const fold = (frames: Iterable<JobFrame>): ReadonlyArray<Block> => {
  const blocks: Array<{ -readonly [Key in keyof Block]: Block[Key] }> = []
  const last = new Map<string, (typeof blocks)[number]>()
  const sources: Array<Block> = []
  const questions: Array<Block> = []
  for (const { block } of frames) {
    if (block === undefined) continue
    if (block.type === "SOURCES") {
      sources.push({ ...block, group_id: "", group_name: "", stage: "Respond" })
      continue
    }
    if (block.type === "QUESTIONS") {
      questions.push({ ...block, group_id: "-1", group_name: null })
      continue
    }
    const previous = last.get(block.group_id)
    if (block.type === "MESSAGE" && previous?.type === "MESSAGE") {
      previous.content = `${previous.content}${block.content}`
      continue
    }
    const copy = { ...block, content: withOneSpelling(block.content) }
    blocks.push(copy)
    last.set(block.group_id, copy)
  }
  return [...blocks, ...sources, ...questions]
}

/** The non-streaming answer always spells the expiry the same way. */
const withOneSpelling = (content: unknown): unknown => {
  if (typeof content !== "object" || content === null) return content
  const { expired_at, expiredAt, ...rest } = content as Readonly<Record<string, unknown>>
  const other = expired_at ?? expiredAt
  return other === undefined ? content : { ...rest, expires_at: other }
}
