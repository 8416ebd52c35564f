const maxBytes = 200

/**
 * A file name that stays in its folder on every system, made from a name that came from outside.
 *
 * @param extension with its dot; added when the name has none
 */
export const safeFileName = (name: string, extension: string): string => {
  let safe = name
    .normalize("NFC")
    // Separators, drive and stream marks, wildcards, controls, and what reorders text.
    .replaceAll(/[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "_")
    .replaceAll(/\p{Surrogate}/gu, "_")
    .replace(/^[.\s]+/, "")
    .replace(/[.\s]+$/, "")
  if (safe === "") safe = "artifact"
  if (/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i.test(safe)) safe = `_${safe}`
  // With a letter first: "Growth in 1.5" has no extension.
  const ending = /\.[A-Za-z][A-Za-z0-9]{0,7}$/.exec(safe)?.[0]
  const stem = ending === undefined ? safe : safe.slice(0, -ending.length)
  return cutToBytes(stem, maxBytes) + (ending ?? extension)
}

/** A name with a number before its extension: `table.csv` becomes `table (2).csv`. */
export const numbered = (fileName: string, number: number): string => {
  const dot = fileName.lastIndexOf(".")
  return dot <= 0 ? `${fileName} (${number})` : `${fileName.slice(0, dot)} (${number})${fileName.slice(dot)}`
}

/** Cuts a text to a length in UTF-8, between characters. */
const cutToBytes = (text: string, max: number): string => {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(max))
  return text.slice(0, read)
}
