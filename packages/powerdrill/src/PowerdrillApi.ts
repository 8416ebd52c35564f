/**
 * The vendor's API as a declaration: 22 operations, from which clients, servers and an OpenAPI document can be derived.
 *
 * A refusal is not declared with each operation: any status can carry one, 200 too (see `PowerdrillError`).
 */
import * as Sse from "effect/encoding/Sse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import { apiKeyHeader } from "./Connection.ts"
import * as Datasets from "./Datasets.ts"
import * as Datasources from "./Datasources.ts"
import * as Files from "./Files.ts"
import { Answer } from "./internal/answer.ts"
import * as Wire from "./internal/wire.ts"
import { JobBody } from "./JobRequest.ts"
import * as Sessions from "./Sessions.ts"

/**
 * The key in the header `x-pd-api-key`, which every request carries. A server implements it; clients made by this package
 * send it by themselves.
 */
export class ApiKey extends HttpApiMiddleware.Service<ApiKey>()("@effect-sse/powerdrill/PowerdrillApi/ApiKey", {
  security: { apiKey: HttpApiSecurity.apiKey({ key: apiKeyHeader, in: "header" }) }
}) {}

/**
 * Jobs: one operation with two kinds of answers. With `stream` it is a stream of events, which `Jobs` reads through the engine
 * of `@effect-sse/core`.
 */
export const JobsGroup = HttpApiGroup.make("jobs").add(
  HttpApiEndpoint.post("create", "/jobs", {
    payload: JobBody,
    success: [Wire.envelope(Answer), HttpApiSchema.StreamSse({ events: Sse.EventEncoded })]
  })
)

/** The groups of {@link PowerdrillApi}, by name: written out, their types would be many times as long. */
type Groups =
  | typeof Sessions.Group
  | typeof Datasets.Group
  | typeof Datasources.Group
  | typeof Files.Group
  | typeof JobsGroup

/**
 * The API, below `https://ai.data.cloud/api` or what a private deployment has in its place.
 *
 * **Example** (Its OpenAPI document)
 *
 * ```ts
 * import { PowerdrillApi } from "@effect-sse/powerdrill"
 * import { OpenApi } from "effect/http-api"
 *
 * const document = OpenApi.fromApi(PowerdrillApi.PowerdrillApi)
 * ```
 */
export const PowerdrillApi: HttpApi.HttpApi<
  "powerdrill",
  HttpApiGroup.AddMiddleware<HttpApiGroup.AddPrefix<Groups, "/v2/team">, ApiKey>
> = HttpApi.make("powerdrill")
  .add(Sessions.Group)
  .add(Datasets.Group)
  .add(Datasources.Group)
  .add(Files.Group)
  .add(JobsGroup)
  .prefix("/v2/team")
  .middleware(ApiKey)
  .annotateMerge(OpenApi.annotations({ title: "Powerdrill Enterprise API", version: "2" }))
