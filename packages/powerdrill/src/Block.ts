/**
 * The blocks that an answer is made of. Events of a stream have the same contents, see `JobEvent`.
 *
 * The shapes are those of the vendor's job reference ("Create job"), in camelCase; what the vendor spells in several ways
 * is read in all of them and has one name here.
 */
import type { Artifact } from "@effect-sse/core/Artifact"
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { DatasetId, DatasourceId, GroupId } from "./Ids.ts"
import type { Element } from "./JobReport.ts"

/**
 * Whether a step works (`"Analyze"`) or answers (`"Respond"`). English whatever the answer's language is; other values
 * are delivered as they come.
 */
export type Stage = "Analyze" | "Respond" | (string & {})

/**
 * Where in a job something belongs.
 */
export interface Placed {
  /** The step; `undefined` for what belongs to none, which the vendor spells `""` and `"-1"`. */
  readonly groupId: GroupId | undefined
  /** The step's name in the answer's language. It may vary within a group: compare ids, and branch on `stage`. */
  readonly groupName: string | undefined
  /** `undefined` in answers of older versions. */
  readonly stage: Stage | undefined
}

/**
 * Text in Markdown. As an event it is a delta, whose text is to be appended exactly as it is.
 */
export interface Message extends Placed {
  readonly _tag: "Message"
  readonly text: string
}

/**
 * Code that was run: a fenced Markdown block. A step that is retried brings a second one.
 */
export interface Code extends Placed {
  readonly _tag: "Code"
  readonly code: string
}

/**
 * A link to a file. The links live for about ten minutes: fetch at once, with no key.
 */
export interface Link {
  /** The file's name as the vendor gave it (not to be trusted as a path), else the last part of the URL; may be empty. */
  readonly name: string
  /** As the vendor gave it; only http and https links can be fetched. */
  readonly url: string
  /** When the link expires; `undefined` when the vendor did not say, or not in a form that can be read. */
  readonly expiresAt: DateTime.Utc | undefined
  /** The expiry as the vendor wrote it. */
  readonly expiresAtRaw: string | undefined
}

/**
 * A table, as a link to a CSV file with a header row.
 */
export interface Table extends Placed, Link {
  readonly _tag: "Table"
}

/**
 * A picture, as a link to a PNG file.
 */
export interface Image extends Placed, Link {
  readonly _tag: "Image"
}

/**
 * A place that the answer is drawn from. What the vendor leaves out, empty or null is `undefined`.
 */
export interface Source {
  /** The mark in the text that refers to it: `"1"`, `"2"`, … */
  readonly id: string | undefined
  /** The file's name. */
  readonly source: string | undefined
  /** The page, as a text. */
  readonly pageNo: string | undefined
  /** The passage itself. */
  readonly content: string | undefined
  readonly datasourceId: DatasourceId | undefined
  readonly datasetId: DatasetId | undefined
  /** The file's extension without a dot. */
  readonly fileType: string | undefined
  readonly externalId: string | undefined
}

/**
 * The places that the answer is drawn from.
 */
export interface Sources extends Placed {
  readonly _tag: "Sources"
  readonly sources: ReadonlyArray<Source>
}

/**
 * Questions that could be asked next.
 */
export interface Questions extends Placed {
  readonly _tag: "Questions"
  readonly questions: ReadonlyArray<string>
}

/**
 * An interactive chart: its data as a CSV link, a static picture, and how to draw it. The vendor describes it without a
 * sample, so nothing of it is required but the object.
 */
export interface ChartInfo extends Placed, Link {
  readonly _tag: "ChartInfo"
  readonly code: string | undefined
  readonly codeType: string | undefined
  /** A link to a static picture. */
  readonly image: string | undefined
  /** The kinds of chart to choose from. */
  readonly options: ReadonlyArray<string>
  /** The table's headers. */
  readonly columns: ReadonlyArray<string>
  /** Rendering options as JSON text, in the manner of ECharts; {@link chartConfig} parses it. */
  readonly chartConfig: string | undefined
}

/**
 * A block of a type that this version does not know, as it came.
 */
export interface Unknown extends Placed {
  readonly _tag: "Unknown"
  /** The vendor's name of the type. */
  readonly name: string
  /** Its content, as parsed from JSON. */
  readonly raw: unknown
}

/**
 * A block of an answer.
 */
export type Block = Message | Code | Table | Image | Sources | Questions | ChartInfo | Unknown

/**
 * Parses the rendering options of a chart; none when there are none, or when they are not JSON.
 */
export const chartConfig = (chart: ChartInfo): Option.Option<unknown> =>
  chart.chartConfig === undefined ? Option.none() : Option.liftThrowable(JSON.parse)(chart.chartConfig)

/**
 * A table or picture as an artifact, to read or save it while its link lives.
 *
 * **Example** (Saving each file as its link comes)
 *
 * ```ts
 * import { Artifact } from "@effect-sse/core"
 * import { Block, type JobEvent } from "@effect-sse/powerdrill"
 *
 * const save = (event: JobEvent.Table | JobEvent.Image) =>
 *   Artifact.save(Block.toArtifact(event), { directory: "report" })
 * ```
 */
export const toArtifact = ({ _tag, expiresAt, name, url }: Table | Image): Artifact => ({
  kind: _tag === "Table" ? "table" : "image",
  name,
  url,
  expiresAt
})

/**
 * The files that a block or an event links to: a table, a picture, or the data and the static picture of a chart. Texts and
 * all else link to none.
 *
 * **Example** (Saving all files beside the answer)
 *
 * ```ts
 * import { ArtifactSaver } from "@effect-sse/core"
 * import { Block, JobEvent, type JobRequest, Powerdrill } from "@effect-sse/powerdrill"
 * import { Console, Effect, Stream } from "effect"
 *
 * const ask = (request: JobRequest.JobRequest) =>
 *   Effect.gen(function*() {
 *     const { jobs } = yield* Powerdrill
 *     const saver = yield* ArtifactSaver.make({ directory: "report" })
 *     yield* jobs.stream(request).pipe(
 *       saver.tap(Block.artifactsOf),
 *       Stream.filter(JobEvent.isAnswer),
 *       Stream.runForEach(({ text }) => Console.log(text))
 *     )
 *     return yield* saver.results
 *   }).pipe(Effect.scoped)
 * ```
 */
export const artifactsOf = (element: Block | Element): ReadonlyArray<Artifact> => {
  switch (element._tag) {
    case "Table":
    case "Image":
      return [toArtifact(element)]
    case "ChartInfo":
      return artifactsOfChart(element)
    default:
      return []
  }
}

/** The vendor names the data only; the picture is called after them, and gets its extension when it is saved. */
const artifactsOfChart = ({ expiresAt, image, name, url }: ChartInfo): ReadonlyArray<Artifact> => [
  ...(url === "" ? [] : [{ kind: "table" as const, name, url, expiresAt }]),
  ...(image === undefined ? [] : [{ kind: "image" as const, name: name.replace(/\.csv$/i, ""), url: image, expiresAt }])
]
