/** Where an answer stands: a line for each of its citations. */
import { Citation, Response } from "@effect-sse/twelvelabs"
import { Duration } from "effect"
import { printable } from "./terminal.ts"

export const citationLines = (response: Pick<Response.Response, "output">): ReadonlyArray<string> =>
  Response.citations(response).map(({ annotation, marker }) => printable(`${marker} ${sourceOf(annotation)}`))

const sourceOf = (annotation: Citation.Annotation): string => {
  switch (annotation._tag) {
    case "VideoCitation": {
      const moment = Citation.moment(annotation)
      const when = moment === undefined ? "" : `, ${clock(moment.start)} to ${clock(moment.end)}`
      return `${annotation.title ?? annotation.itemId ?? "a video"}${when}`
    }
    case "ImageCitation":
      return annotation.title ?? annotation.itemId ?? "an image"
    case "CollectionCitation":
      return annotation.title ?? annotation.collectionId ?? "a collection"
    case "UrlCitation":
      return annotation.url ?? annotation.title ?? "a page"
    case "UnknownAnnotation":
      return annotation.type ?? "something new"
  }
}

/** A time within a video, such as 1:05. */
export const clock = (moment: Duration.Duration): string => {
  const seconds = Math.floor(Duration.toSeconds(moment))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}
