const maxBytes = 255

/**
 * The base name of a file to be uploaded, from a path or from a name given by hand.
 *
 * It names the user's own file elsewhere and no file here, so it keeps what only some file systems refuse.
 */
export const sourceName = (name: string): string => {
  const base = name
    .slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1)
    .normalize("NFC")
    // Controls, what reorders text, and halves of characters.
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu, "_")
    .trim()
  if (base === "" || base === "." || base === "..") return "file"
  // Vendors tell the kind of a file by its ending.
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(base)?.[0] ?? ""
  const stem = base.slice(0, base.length - ending.length)
  const { read } = new TextEncoder().encodeInto(stem, new Uint8Array(maxBytes - ending.length))
  return stem.slice(0, read) + ending
}
