/**
 * What is said when the vendor cannot read a file.
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { DatasetId, DatasourceId } from "./Ids.ts"

/**
 * Data sources could not be read, and will not be: delete them, and upload the files again in a form that the vendor reads.
 *
 * `datasourceId` and `name` are there when one was waited for by its id.
 */
export class InvalidDataError extends Schema.TaggedError<InvalidDataError>()("InvalidDataError", {
  datasetId: DatasetId,
  /** How many of the dataset's data sources. */
  invalidCount: Schema.Number,
  datasourceId: Schema.optionalKey(DatasourceId),
  name: Schema.optionalKey(Schema.String)
}) {
  /** The same file stays unreadable. */
  get isRetryable(): boolean {
    return false
  }
  /** Nothing to wait for. */
  get retryAfter(): Duration.Duration | undefined {
    return undefined
  }
  override get message(): string {
    const what =
      this.datasourceId === undefined
        ? `${this.invalidCount} data source(s)`
        : `data source ${this.datasourceId} (${this.name ?? "without a name"})`
    return `powerdrill: ${what} of dataset ${this.datasetId} could not be read; delete it and upload a file that can be read`
  }
}
