/**
 * Embeddings as they come back: vectors, each with what it is of.
 */
import * as WireSchema from "@effect-sse/core/WireSchema"
import * as Schema from "effect/Schema"

/**
 * A model that makes embeddings. Vectors of different models do not compare.
 */
export const Model = WireSchema.openEnum("marengo3.0", "marengo3.5")

/** A model that makes embeddings. */
export type Model = typeof Model.Type

/**
 * What of the input a vector is of: what is seen, heard or said, a text, or all of it together (`fused`).
 */
export const Option = WireSchema.openEnum("visual", "audio", "transcription", "text", "fused")

/** What of the input a vector is of. */
export type Option = typeof Option.Type

/**
 * How much of the input a vector is of: a segment of it (`clip`), a page of a document, or all of it (`asset`).
 */
export const Scope = WireSchema.openEnum("clip", "page", "asset")

/** How much of the input a vector is of. */
export type Scope = typeof Scope.Type

/**
 * A vector, and what it is of.
 */
export const Vector = Schema.Struct({
  /** The numbers; Marengo 3.0 gives 512. */
  embedding: Schema.Array(Schema.Finite),
  /** How sure the model is of each number; where it was asked for. */
  uncertainty: WireSchema.maybe(Schema.Array(Schema.Finite)),
  option: WireSchema.maybe(Option),
  scope: WireSchema.maybe(Scope),
  startSeconds: WireSchema.maybe(Schema.Finite),
  endSeconds: WireSchema.maybe(Schema.Finite),
  /** The first page; of documents. */
  startPage: WireSchema.maybe(Schema.Finite),
  endPage: WireSchema.maybe(Schema.Finite)
}).pipe(
  Schema.encodeKeys({
    uncertainty: "embedding_uncertainty",
    option: "embedding_option",
    scope: "embedding_scope",
    startSeconds: "start_sec",
    endSeconds: "end_sec",
    startPage: "start_page_number",
    endPage: "end_page_number"
  })
)

/** A vector, and what it is of. */
export type Vector = typeof Vector.Type

/**
 * A vector as indexed videos and the older resources have it, and what it is of.
 */
export const Segment = Schema.Struct({
  embedding: WireSchema.maybe(Schema.Array(Schema.Finite)),
  startSeconds: WireSchema.maybe(Schema.Finite),
  endSeconds: WireSchema.maybe(Schema.Finite),
  option: WireSchema.maybe(WireSchema.openEnum("visual", "visual-text", "audio", "transcription")),
  scope: WireSchema.maybe(WireSchema.openEnum("clip", "video"))
}).pipe(
  Schema.encodeKeys({
    embedding: "float",
    startSeconds: "start_offset_sec",
    endSeconds: "end_offset_sec",
    option: "embedding_option",
    scope: "embedding_scope"
  })
)

/** A vector as indexed videos and the older resources have it. */
export type Segment = typeof Segment.Type

/**
 * What it took. Told by Marengo 3.5.
 */
export const Usage = Schema.Struct({
  /** By kind of content. */
  inputTokens: WireSchema.loosely(Schema.Record(Schema.String, Schema.Finite)),
  /** Whether a text was too long, and its end was left out. */
  truncated: WireSchema.loosely(Schema.Boolean)
}).pipe(Schema.encodeKeys({ inputTokens: "input_tokens" }))

/** What it took. */
export type Usage = typeof Usage.Type

/**
 * What the vendor says about the input.
 */
export const Metadata = Schema.Struct({
  /** `"video"`, `"text_image"` …; not always told. */
  inputType: WireSchema.loosely(Schema.String),
  url: WireSchema.loosely(Schema.String),
  filename: WireSchema.loosely(Schema.String),
  options: WireSchema.loosely(Schema.Array(Option)),
  scopes: WireSchema.loosely(Schema.Array(Schema.String)),
  durationSeconds: WireSchema.loosely(Schema.Finite),
  startSeconds: WireSchema.loosely(Schema.Finite),
  endSeconds: WireSchema.loosely(Schema.Finite),
  /** How long a segment is; of video. */
  clipSeconds: WireSchema.loosely(Schema.Finite)
}).pipe(
  Schema.encodeKeys({
    inputType: "input_type",
    url: "input_url",
    filename: "input_filename",
    options: "embedding_options",
    scopes: "embedding_scopes",
    durationSeconds: "duration",
    startSeconds: "start_offset_sec",
    endSeconds: "end_offset_sec",
    clipSeconds: "clip_length"
  })
)

/** What the vendor says about the input. */
export type Metadata = typeof Metadata.Type

/**
 * The embeddings of an input.
 */
export const Result = Schema.Struct({
  vectors: Schema.Array(Vector),
  usage: WireSchema.maybe(Usage),
  metadata: WireSchema.maybe(Metadata)
}).pipe(Schema.encodeKeys({ vectors: "data" }))

/** The embeddings of an input. */
export type Result = typeof Result.Type
