/**
 * Pre-signed links, like those of S3: who has the link may read (or write) until it expires. The store keeps nothing of them, but
 * which of those were used that are good for one use.
 */
import * as Crypto from "node:crypto"

/** What a link grants. */
export interface Grant {
  readonly method: "GET" | "PUT"
  /** The path of the object, without a leading slash. */
  readonly key: string
  readonly signedAt: number
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  /** Whether it is good for one use only. Default false. */
  readonly once?: boolean | undefined
  /** Headers that have to come with it. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Why a link grants nothing. */
export type Denial = "unsigned" | "forged" | "expired" | "used"

/** A request that comes with a link. */
export interface SignedRequest extends Pick<Grant, "method" | "key"> {
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Signs and verifies with one secret. */
export interface Signer {
  /** The query of a link, without its question mark. */
  readonly sign: (grant: Grant) => string
  /** Verifies the link of a request. One that is good for one use is used by that. */
  readonly verify: (request: SignedRequest, now: number) => Grant | Denial
}

/** Makes a signer with a secret of its own. */
export const make = (): Signer => {
  const secret = Crypto.randomBytes(32)
  const used = new Set<string>()
  let links = 0
  /** Everything that a link says: `serial` is its number if it is good for one use, and empty otherwise. */
  const signature = ({ expiresAt, key, method, signedAt }: Grant, headers: string, serial: string) =>
    Crypto.createHmac("sha256", secret)
      .update([method, key, signedAt, expiresAt, headers, serial].join("\n"))
      .digest("hex")
  return {
    sign: (grant) => {
      const serial = grant.once === true ? (links += 1).toString(36) : ""
      const headers = Object.entries(grant.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
      const names = headers.map(([name]) => name).toSorted()
      return new URLSearchParams({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `EMULATOR/${basicTime(grant.signedAt).slice(0, 8)}/us-west-2/s3/aws4_request`,
        "X-Amz-Date": basicTime(grant.signedAt),
        "X-Amz-Expires": String(Math.round((grant.expiresAt - grant.signedAt) / 1000)),
        "X-Amz-SignedHeaders": [...names, "host"].join(";"),
        // S3's times have whole seconds; the exact ones travel in a field that is opaque in S3 too.
        "X-Amz-Security-Token": [grant.signedAt.toString(36), grant.expiresAt.toString(36), serial].join("-"),
        "X-Amz-Signature": signature(grant, linesOf(names, Object.fromEntries(headers)), serial)
      }).toString()
    },
    verify({ headers, key, method, query }, now) {
      const given = query.get("X-Amz-Signature")
      const [signed = "", expires = "", serial = ""] = (query.get("X-Amz-Security-Token") ?? "").split("-")
      const signedAt = Number.parseInt(signed, 36)
      const expiresAt = Number.parseInt(expires, 36)
      if (given === null || Number.isNaN(signedAt) || Number.isNaN(expiresAt)) return "unsigned"
      const names = (query.get("X-Amz-SignedHeaders") ?? "").split(";").filter((name) => name !== "host")
      const grant: Grant = { method, key, signedAt, expiresAt }
      if (given !== signature(grant, linesOf(names, headers), serial)) return "forged"
      if (now >= expiresAt) return "expired"
      if (serial === "") return grant
      if (used.has(serial)) return "used"
      used.add(serial)
      return grant
    }
  }
}

/** Headers as they are signed. */
const linesOf = (names: ReadonlyArray<string>, headers: Readonly<Record<string, string>>): string =>
  names.map((name) => `${name}:${headers[name] ?? ""}`).join("\n")

/** A time as S3 writes it in queries: `20251121T040600Z`. */
const basicTime = (millis: number): string =>
  new Date(millis)
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z")
