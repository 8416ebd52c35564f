/** How many of a file's first bytes are looked at. */
export const headSize = 1024

const extensions = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "image/webp": ".webp",
  "image/svg+xml": ".svg",
  "application/pdf": ".pdf",
  "text/html": ".html",
  "application/xml": ".xml"
} as const

/** A media type that can be told from a file's first bytes. */
export type ContentType = keyof typeof extensions

/** The extension that names a type, with its dot. */
export const extensionOf = (type: ContentType): string => extensions[type]

/** `_` stands for any byte. */
const signatures: ReadonlyArray<readonly [signature: string, type: ContentType]> = [
  ["\u0089PNG\r\n\u001a\n", "image/png"],
  ["\u00ff\u00d8\u00ff", "image/jpeg"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["RIFF____WEBP", "image/webp"],
  ["%PDF-", "application/pdf"]
]

/** Tells a file's media type from its first bytes, where they do tell it; `start` may hold more of them. */
export const contentTypeOf = (start: Uint8Array): ContentType | undefined => {
  const head = start.subarray(0, headSize)
  const found = signatures.find(([signature]) => startsWith(head, signature))
  return found === undefined ? markupTypeOf(head) : found[1]
}

const startsWith = (head: Uint8Array, signature: string): boolean => {
  for (let i = 0; i < signature.length; i++) {
    if (signature[i] !== "_" && signature.charCodeAt(i) !== head[i]) return false
  }
  return true
}

/** Tells markup by its first element, or its document type. */
const markupTypeOf = (head: Uint8Array): ContentType | undefined => {
  let rest = new TextDecoder().decode(head).trimStart()
  const isXml = rest.startsWith("<?xml")
  while (rest.startsWith("<?") || rest.startsWith("<!--")) {
    const mark = rest.startsWith("<?") ? "?>" : "-->"
    const end = rest.indexOf(mark)
    if (end === -1) return undefined
    rest = rest.slice(end + mark.length).trimStart()
  }
  if (/^<(!doctype\s+|[a-z]+:)?svg[\s>]/i.test(rest)) return "image/svg+xml"
  if (/^<(!doctype\s+)?html[\s>]|^<(head|body|script)[\s>]/i.test(rest)) return "text/html"
  return isXml && /^<[a-z]/i.test(rest) ? "application/xml" : undefined
}
