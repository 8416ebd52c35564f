import { kindOfStatus, type Answer, type Vendor } from "../Vendor.ts"

/** An object store in the manner of S3, which answers refusals in XML. Links to it are signed: no key goes there. */
export const objectStore: Vendor = {
  name: "object store",
  refusal: ({ status, text }) => {
    const code = xmlText(text, "Code")
    return {
      // S3 calls a connection that brought its bytes too slowly a bad request.
      kind: code === "RequestTimeout" ? "Server" : kindOfStatus(status),
      code,
      detail: xmlText(text, "Message") ?? "",
      requestId: xmlText(text, "RequestId")
    }
  }
}

const xmlText = (xml: string, element: string): string | undefined =>
  new RegExp(`<${element}>([^<]{0,300})</${element}>`).exec(xml)?.[1]

/**
 * Whether the store refuses a link because its time has passed.
 *
 * @param expiresAt in milliseconds since the epoch, held against the store's own clock; `undefined` when unknown
 */
export const saysExpired = (answer: Answer, expiresAt: number | undefined): boolean =>
  (answer.status === 403 || answer.status === 400 || answer.status === 410) &&
  (/expired/i.test(answer.text) || (expiresAt !== undefined && expiresAt <= Date.parse(answer.headers["date"] ?? "")))
