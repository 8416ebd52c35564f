/** The form that a program sends, as it is handed to the HTTP client. */
import { Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TwelveLabs } from "../src/index.ts"
import { key } from "./Fixture.ts"

/** Runs a program, and gives the fields of the form that it sent, in their order; of a file its name, type and size. */
export const formOf = <E>(program: (client: TwelveLabs["Service"]) => Effect.Effect<unknown, E>) =>
  Effect.suspend(() => {
    let fields: Array<[name: string, value: string]> = []
    const client = HttpClient.make((request) =>
      Effect.promise(async () => {
        const headers = { ...request.headers }
        const body = new Response(request.body._tag === "FormData" ? request.body.formData : null, { headers })
        fields = Array.from(await body.formData(), ([name, value]) => [
          name,
          typeof value === "string" ? value : `${value.name} ${value.type} ${value.size}`
        ])
        return HttpClientResponse.fromWeb(request, new Response('{"_id":"66ee00000000000000000001"}'))
      })
    )
    return TwelveLabs.use(program).pipe(
      Effect.map(() => fields),
      Effect.provide(
        TwelveLabs.layer({ apiKey: Redacted.make(key) }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
          Layer.orDie
        )
      )
    )
  })
