/** Text deltas one by one, with a consumer that may take its time: by a loop over `fetch`, and through effect-sse. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { post } from "../candidates/handLoop.ts"
import { connect, request } from "../candidates/twelvelabs.ts"

/** Who reads. */
export type Client = "fetch" | "effect-sse"

/** Takes a delta, and says whether to go on. */
export type OnDelta = (text: string) => boolean | Promise<boolean>

const byFetch = async (baseUrl: string, onDelta: OnDelta): Promise<void> => {
  const reader = (await post(fetch, `${baseUrl}/responses`)).getReader()
  const decoder = new TextDecoder()
  let buffer = ""
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    buffer += decoder.decode(value, { stream: true })
    let start = 0
    for (let end = buffer.indexOf("\n"); end !== -1; end = buffer.indexOf("\n", start)) {
      const line = buffer.slice(start, end)
      start = end + 1
      if (!line.startsWith("data: ")) continue
      const data = line.slice(6)
      if (data === "[DONE]") return reader.cancel()
      const event = JSON.parse(data)
      if (event.type !== "response.output_text.delta") continue
      const goOn = onDelta(event.delta)
      if (!(typeof goOn === "boolean" ? goOn : await goOn)) return reader.cancel()
    }
    buffer = buffer.slice(start)
  }
}

const byEffect = async (baseUrl: string): Promise<(onDelta: OnDelta) => Promise<void>> => {
  const use = await connect({ baseUrl, fetch })
  return (onDelta) =>
    use((responses) =>
      responses.stream(request).pipe(
        Stream.filter((event) => event._tag === "TextDelta"),
        Stream.runForEachWhile(({ delta }) =>
          Effect.suspend(() => {
            const goOn = onDelta(delta)
            return typeof goOn === "boolean" ? Effect.succeed(goOn) : Effect.promise(() => goOn)
          })
        )
      )
    )
}

/** Makes a reader of the deltas that a server sends. */
export const eachDelta = async (client: Client, baseUrl: string): Promise<(onDelta: OnDelta) => Promise<void>> =>
  client === "fetch" ? (onDelta) => byFetch(baseUrl, onDelta) : byEffect(baseUrl)
