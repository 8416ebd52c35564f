/**
 * Pre-signed links, like those of S3: who has the link may read (or write) until it expires. The store keeps nothing of them.
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
}

/** Why a link grants nothing. */
export type Denial = "unsigned" | "forged" | "expired"

/** Signs and verifies with one secret. */
export interface Signer {
  /** The query of a link, without its question mark. */
  readonly sign: (grant: Grant) => string
  readonly verify: (method: Grant["method"], key: string, query: URLSearchParams, now: number) => Grant | Denial
}

/** Makes a signer with a secret of its own. */
export const make = (): Signer => {
  const secret = Crypto.randomBytes(32)
  const signature = (grant: Grant) =>
    Crypto.createHmac("sha256", secret)
      .update([grant.method, grant.key, grant.signedAt, grant.expiresAt].join("\n"))
      .digest("hex")
  return {
    sign: (grant) =>
      new URLSearchParams({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `EMULATOR/${basicTime(grant.signedAt).slice(0, 8)}/us-west-2/s3/aws4_request`,
        "X-Amz-Date": basicTime(grant.signedAt),
        "X-Amz-Expires": String(Math.round((grant.expiresAt - grant.signedAt) / 1000)),
        "X-Amz-SignedHeaders": "host",
        // S3's times have whole seconds; the exact ones travel in a field that is opaque in S3 too.
        "X-Amz-Security-Token": `${grant.signedAt.toString(36)}-${grant.expiresAt.toString(36)}`,
        "X-Amz-Signature": signature(grant)
      }).toString(),
    verify(method, key, query, now) {
      const given = query.get("X-Amz-Signature")
      const [signedAt = NaN, expiresAt = NaN] = (query.get("X-Amz-Security-Token") ?? "")
        .split("-")
        .map((text) => Number.parseInt(text, 36))
      if (given === null || Number.isNaN(signedAt) || Number.isNaN(expiresAt)) return "unsigned"
      const grant: Grant = { method, key, signedAt, expiresAt }
      if (given !== signature(grant)) return "forged"
      return now >= expiresAt ? "expired" : grant
    }
  }
}

/** A time as S3 writes it in queries: `20251121T040600Z`. */
const basicTime = (millis: number): string =>
  new Date(millis)
    .toISOString()
    .replace(/[-:]/g, "")
    .replace(/\.\d+Z$/, "Z")
