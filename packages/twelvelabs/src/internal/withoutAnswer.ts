import { ApiError, ParseError, type RequestError } from "@effect-sse/core/StreamError"

/** An error without what was answered: an answer that cannot be read may still hold its secrets. */
export const withoutAnswer = (error: RequestError): RequestError => {
  switch (error._tag) {
    case "ParseError": {
      // What JSON.parse says quotes the text; what a schema says only names the field.
      const issue = error.stage === "json" ? "not JSON; it is not shown, as there may be a secret in it" : error.issue
      return new ParseError({ ...error, issue, excerpt: "" })
    }
    case "ApiError":
      return new ApiError({ ...error, excerpt: "" })
    case "TransportError":
      return error
  }
}
