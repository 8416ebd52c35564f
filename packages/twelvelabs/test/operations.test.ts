/** The declaration as a whole: every operation of the vendor's reference, and no other. */
import { assert, describe, it } from "@effect/vitest"
import { OpenApi } from "effect/http-api"
import { TwelveLabsApi } from "../src/index.ts"

/** From the vendor's reference; `cancel` of a task is newer than its official client. */
const reference = `
POST /responses
GET POST /knowledge-stores
GET PATCH DELETE /knowledge-stores/{}
POST /knowledge-stores/{}/search
GET POST /knowledge-stores/{}/items
GET DELETE /knowledge-stores/{}/items/{}
GET POST /knowledge-stores/{}/item-collections
GET PATCH DELETE /knowledge-stores/{}/item-collections/{}
GET /knowledge-stores/{}/item-collections/{}/items
POST /knowledge-stores/{}/item-collections/{}/items/add
POST /knowledge-stores/{}/item-collections/{}/items/remove
GET POST /assets
GET DELETE /assets/{}
GET /assets/{}/transcription
PUT PATCH DELETE /assets/{}/user-metadata
GET /assets/{}/indexed-assets
GET /assets/{}/entities
GET POST /assets/multipart-uploads
GET POST /assets/multipart-uploads/{}
POST /assets/multipart-uploads/{}/presigned-urls
POST /analyze
GET POST /analyze/tasks
GET DELETE /analyze/tasks/{}
POST /analyze/tasks/{}/cancel
GET POST /analyze/batches
GET DELETE /analyze/batches/{}
GET /analyze/batches/{}/results
POST /analyze/batches/{}/cancel
POST /search
GET /search/{}
GET POST /indexes
GET PUT DELETE /indexes/{}
GET POST /indexes/{}/indexed-assets
GET PATCH DELETE /indexes/{}/indexed-assets/{}
GET /indexes/{}/videos
GET PATCH DELETE /indexes/{}/videos/{}
POST /embed-v2
GET POST /embed-v2/tasks
GET /embed-v2/tasks/{}
POST /embed
GET POST /embed/tasks
GET /embed/tasks/{}
GET /embed/tasks/{}/status
GET POST /tasks
GET DELETE /tasks/{}
GET POST /entity-collections
GET PATCH DELETE /entity-collections/{}
GET POST /entity-collections/{}/entities
POST /entity-collections/{}/entities/bulk
GET PATCH DELETE /entity-collections/{}/entities/{}
POST DELETE /entity-collections/{}/entities/{}/assets
POST /connections:authorize
GET /connections
GET DELETE /connections/{}
POST /connections/{}/picker-token
GET POST /connections/redirect-uris
DELETE /connections/redirect-uris/{}
GET POST /connections/{}/imports
GET /connections/{}/imports/{}
`

const documented = reference
  .trim()
  .split("\n")
  .flatMap((line) => {
    const words = line.split(" ")
    return words.slice(0, -1).map((method) => `${method} ${words.at(-1)}`)
  })

describe("TwelveLabsApi", () => {
  const { components, paths } = OpenApi.fromApi(TwelveLabsApi.TwelveLabsApi)

  it("declares every operation of the vendor's reference, and no other", () => {
    const declared = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`)
    )
    assert.deepStrictEqual(declared.toSorted(), documented.toSorted())
    assert.lengthOf(declared, 99)
  })

  it("says in its OpenAPI document which header has the key", () => {
    assert.deepStrictEqual(components.securitySchemes["apiKey"], { type: "apiKey", name: "x-api-key", in: "header" })
  })
})
