/**
 * Tables as typed rows: CSV with a header row, read by a schema.
 *
 * The cells of CSV are texts. A column takes any schema that has a text for its values (`Schema.String`, `Schema.Number`,
 * `Schema.Boolean`, `Schema.Date`, literals, …); an empty cell in an optional column is a missing key. Columns that the
 * schema does not name are left out. A byte order mark, quoted cells with line breaks, and LF, CRLF and CR are read.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Stream from "effect/Stream"
import * as Artifact from "./Artifact.ts"
import { excerpt } from "./internal/excerpt.ts"
import { objectStore } from "./internal/objectStore.ts"
import { ParseError } from "./StreamError.ts"

/**
 * Options for reading rows.
 */
export interface RowOptions {
  /** What stands between cells, one character. Default `","`. */
  readonly delimiter?: string | undefined
  /** The longest row, in characters (UTF-16 code units). Default 1 Mi. */
  readonly maxRowSize?: number | undefined
}

/**
 * Options for reading the rows of an artifact.
 */
export interface Options<E = never, R = never> extends Artifact.Options<E, R>, RowOptions {}

/**
 * Reads a table behind a link, row by row; nothing is sent before the first pull. A large table needs no more memory than
 * a small one.
 *
 * Fails as `Artifact.stream` does, and with `ParseError`: of stage `"schema"` for a row that does not fit the schema, after
 * the rows before it; of stage `"content"` for what is no CSV, or a row with more or fewer cells than the header; of stage
 * `"limit"` past `maxRowSize`. `issue` names the record, of which the header is the first, and the column.
 *
 * **Example** (Prices by agency)
 *
 * ```ts
 * import { type Artifact, ArtifactTable } from "@effect-sse/core"
 * import { Schema, Stream } from "effect"
 *
 * const Price = Schema.Struct({ agency: Schema.String, bookings: Schema.Int, average_price: Schema.Finite })
 *
 * const dear = (table: Artifact.Artifact) =>
 *   ArtifactTable.rows(table, Price).pipe(Stream.filter((row) => row.average_price > 500))
 * ```
 */
export const rows = <S extends Schema.Constraint, E = never, R = never>(
  artifact: Artifact.Artifact,
  schema: S,
  options?: Options<E, R>
): Stream.Stream<S["Type"], Artifact.ArtifactError | E, HttpClient.HttpClient | R | S["DecodingServices"]> =>
  decoded(Artifact.stream(artifact, options), schema, options)

/**
 * Reads a table that was saved. Fails as {@link rows} does for its content, and with `PlatformError` of the file system.
 *
 * **Example** (The rows of a saved table)
 *
 * ```ts
 * import { type Artifact, ArtifactTable } from "@effect-sse/core"
 * import { Schema } from "effect"
 *
 * const Price = Schema.Struct({ agency: Schema.String, average_price: Schema.Finite })
 *
 * const prices = ({ path }: Artifact.Saved) => ArtifactTable.readRows(path, Price)
 * ```
 */
export const readRows = <S extends Schema.Constraint>(
  path: string,
  schema: S,
  options?: RowOptions
): Stream.Stream<S["Type"], ParseError | PlatformError, FileSystem.FileSystem | S["DecodingServices"]> =>
  decoded(Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(path))), schema, options)

/**
 * Rows are decoded one by one, not by `Csv.decodeSchema`: that one decodes a whole chunk at once, and one bad row takes the
 * good ones of its chunk with it.
 */
const decoded = <S extends Schema.Constraint, E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  schema: S,
  options: RowOptions | undefined
): Stream.Stream<S["Type"], E | ParseError, R | S["DecodingServices"]> =>
  Stream.suspend(() => {
    const codec = Schema.toCodecStringTree(schema)
    const decode = Schema.decodeUnknownEffect(codec)
    const optional = optionalColumns(SchemaAST.toEncoded(codec.ast))
    const maxRecordSize = options?.maxRowSize ?? 1024 * 1024
    // The header is the first record.
    let record = 1
    return bytes.pipe(
      Stream.pipeThroughChannel(
        Channel.mapError(
          Csv.decode<E>({
            headers: true,
            ignoreEmptyLines: true,
            ...(options?.delimiter === undefined ? {} : { delimiter: options.delimiter }),
            maxRecordSize
          }),
          (error) => (Csv.isCsvError(error) ? csvError(error, maxRecordSize) : error)
        )
      ),
      Stream.mapEffect((cells) => {
        record += 1
        const row = optional.size === 0 ? cells : withoutEmpty(cells, optional)
        return Effect.mapError(decode(row), ({ message }) => rowError(record, message, cells))
      })
    )
  })

/** CSV cannot tell an empty cell from a missing one. */
const withoutEmpty = (cells: Readonly<Record<string, string>>, optional: ReadonlySet<string>) =>
  Object.fromEntries(Object.entries(cells).filter(([column, cell]) => cell !== "" || !optional.has(column)))

const optionalColumns = (encoded: SchemaAST.AST): ReadonlySet<string> =>
  new Set(
    SchemaAST.isObjects(encoded)
      ? encoded.propertySignatures.flatMap(({ name, type }) =>
          typeof name === "string" && SchemaAST.isOptional(type) ? [name] : []
        )
      : []
  )

const rowError = (record: number, issue: string, cells: Readonly<Record<string, string>>): ParseError =>
  new ParseError({
    vendor: objectStore.name,
    stage: "schema",
    issue: `record ${record}: ${excerpt(issue.replaceAll(/\s*\n\s*/g, " "))}`,
    excerpt: excerpt(Object.values(cells).join(","))
  })

const csvError = ({ kind, line, message, record }: Csv.CsvError, maxRowSize: number): ParseError =>
  kind === "RecordSize"
    ? ParseError.overflow({ vendor: objectStore.name, option: "maxRowSize", limit: maxRowSize })
    : new ParseError({
        vendor: objectStore.name,
        stage: "content",
        issue: `record ${record} on line ${line} is no CSV: ${message}`,
        excerpt: ""
      })
