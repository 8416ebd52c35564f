/** The annotation by which the derivation of a JSON Schema knows a timestamp. Its value is the vendor's `format`. */
export const timestampFormat = "@effect-sse/twelvelabs/timestampFormat"

/** How the vendor writes a timestamp. */
export type TimestampFormat = "seconds" | "hh:mm:ss" | "hh:mm:ss.fff"

/** The formats. */
export const timestampFormats: ReadonlyArray<TimestampFormat> = ["seconds", "hh:mm:ss", "hh:mm:ss.fff"]
