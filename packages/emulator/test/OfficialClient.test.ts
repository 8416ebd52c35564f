/** The vendor's own client: knowledge stores and responses, connections and imports, and refusals. */
import { assert, layer } from "@effect/vitest"
import { Emulator } from "@effect-sse/emulator"
import { Effect } from "effect"
import { TwelvelabsApi, TwelvelabsApiError } from "twelvelabs-js"
import { all, ask, assertKnown, codeOf, official, once, refusal, until } from "./Official.ts"

layer(Emulator.layer({ twelvelabs: { processMillis: 40 } }))("the vendor's own client", (it) => {
  it.effect("makes, changes, lists and deletes knowledge stores", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* official()
      const made = yield* ask(() =>
        knowledgeStores.create({
          name: "Workshop",
          description: "How kites are built",
          metadata: { season: "autumn" },
          ingestionConfig: {
            enrichmentConfig: {
              type: "json_schema",
              jsonSchema: {
                type: "object",
                properties: { speaker: { type: "string", description: "who speaks" } }
              }
            }
          }
        })
      )
      const id = made.id ?? ""
      assert.match(id, /^ks_/)
      assert.instanceOf(made.createdAt, Date)
      assert.strictEqual(made.itemCount, 0)
      assert.strictEqual(made.ingestionConfig?.enrichmentConfig.type, "json_schema")
      const changed = yield* ask(() => knowledgeStores.update(id, { name: "Atelier", metadata: {} }))
      assert.deepStrictEqual(
        [changed.name, changed.description, changed.metadata],
        ["Atelier", "How kites are built", {}]
      )
      assert.deepStrictEqual(yield* ask(() => knowledgeStores.retrieve(id)), changed)
      for (let index = 0; index < 4; index++) yield* ask(() => knowledgeStores.create({ name: `store ${index}` }))
      const listed = yield* all(() => knowledgeStores.list({ pageLimit: 2, sortOption: "asc" }))
      assert.deepStrictEqual(
        listed.slice(1).map(({ name }) => name),
        ["Atelier", "store 0", "store 1", "store 2", "store 3"]
      )
      yield* ask(() => knowledgeStores.delete(id))
      const gone = yield* refusal(() => knowledgeStores.retrieve(id, once))
      assert.deepStrictEqual([gone.statusCode, codeOf(gone)], [404, "resource_not_exist"])
    })
  )

  it.effect("adds items, waits for them, and collects them", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const client = yield* official()
      const { knowledgeStoreItems: items, knowledgeStoreItemCollections: collections } = client
      const { id: store = "" } = yield* ask(() => client.knowledgeStores.create({ name: "Collected" }))
      const made = yield* ask(() =>
        items.create(store, { assetId: twelvelabs.assetId, assetType: "video", metadata: { season: "autumn" } })
      )
      const item = made.id ?? ""
      assert.match(item, /^ksi_/)
      assert.strictEqual(made.status, "queued")
      const ready = yield* until(
        () => items.retrieve(store, item),
        ({ status }) => status === "ready"
      )
      assert.deepStrictEqual(
        [ready.assetId, ready.assetType, ready.metadata],
        [twelvelabs.assetId, "video", { season: "autumn" }]
      )
      assert.strictEqual(ready.systemMetadata?.assetType, "video")
      assert.isDefined(ready.systemMetadata?.filename)
      const listed = yield* all(() => items.list(store, { status: ["ready", "failed"], sortBy: "updated_at" }))
      assert.deepStrictEqual(listed, [ready])
      assert.deepStrictEqual(yield* all(() => items.list(store, { status: "queued" })), [])

      const made2 = yield* ask(() => collections.create(store, { name: "Autumn", metadata: { of: "2026" } }))
      const collection = made2.id ?? ""
      assert.match(collection, /^ksic_/)
      assert.deepStrictEqual([made2.knowledgeStoreId, made2.memberCount], [store, 0])
      const added = yield* ask(() => collections.addItems(store, collection, { itemIds: [item] }))
      assert.strictEqual(added.memberCount, 1)
      assert.deepStrictEqual(yield* all(() => collections.listItems(store, collection)), [ready])
      assert.isUndefined(yield* ask(() => collections.removeItems(store, collection, { itemIds: [item] })))
      assert.deepStrictEqual(yield* all(() => collections.listItems(store, collection, { pageLimit: 5 })), [])
      const renamed = yield* ask(() => collections.update(store, collection, { name: "Fall", metadata: {} }))
      assert.deepStrictEqual([renamed.name, renamed.metadata, renamed.memberCount], ["Fall", {}, 0])
      assert.deepStrictEqual(yield* all(() => collections.list(store, { sortBy: "name" })), [
        yield* ask(() => collections.retrieve(store, collection))
      ])
      yield* ask(() => collections.delete(store, collection))
      yield* ask(() => items.delete(store, item))
      const gone = yield* refusal(() => items.retrieve(store, item, once))
      assert.strictEqual(gone.statusCode, 404)
    })
  )

  it.effect("goes all the way from a file to an answer about it", () =>
    Effect.gen(function* () {
      const client = yield* official()
      const { assets, knowledgeStoreItems, knowledgeStores, responses } = client
      const file = new File([new Uint8Array(2000)], "kite.mp4", { type: "video/mp4" })
      const { id: assetId = "" } = yield* ask(() => assets.create({ method: "direct", file }))
      const { id: knowledgeStoreId = "" } = yield* ask(() => knowledgeStores.create({ name: "Kites" }))
      yield* until(
        () => assets.retrieve(assetId),
        ({ status }) => status === "ready"
      )
      const { id: item = "" } = yield* ask(() => knowledgeStoreItems.create(knowledgeStoreId, { assetId }))
      yield* until(
        () => knowledgeStoreItems.retrieve(knowledgeStoreId, item),
        ({ status }) => status === "ready"
      )
      const response = yield* ask(() =>
        responses.create({
          knowledgeStoreId,
          input: [{ type: "message", role: "user", content: "What is built in {{sel:0}}?" }],
          selections: [{ kind: "item", id: item }]
        })
      )
      assert.deepStrictEqual([response.status, response.knowledgeStoreId], ["completed", knowledgeStoreId])
      const message = response.output?.findLast(({ type }) => type === "message")
      const annotations = message?.type === "message" ? message.content?.flatMap((part) => part.annotations ?? []) : []
      assert.isAbove(annotations?.length ?? 0, 0)
    })
  )

  it.effect("searches a knowledge store page by page", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { knowledgeStoreItems, knowledgeStores } = yield* official()
      const { id: store = "" } = yield* ask(() => knowledgeStores.create({ name: "Searched" }))
      const { id: item = "" } = yield* ask(() => knowledgeStoreItems.create(store, { assetId: twelvelabs.assetId }))
      yield* until(
        () => knowledgeStoreItems.retrieve(store, item),
        ({ status }) => status === "ready"
      )
      const search = (pageToken?: string) =>
        ask(() =>
          knowledgeStores.search(store, {
            query: { text: "glue" },
            filter: { assetType: { eq: "video" }, itemId: { in: [item] } },
            searchOptions: { video: { modalities: ["visual", "audio"] } },
            groupBy: "none",
            pageSize: 1,
            includeMetadata: true,
            ...(pageToken === undefined ? {} : { pageToken })
          })
        )
      const first = yield* search()
      assert.deepStrictEqual(first.effectiveSearchOptions.video?.modalities, ["visual", "audio"])
      assert.lengthOf(first.data, 1)
      const [hit] = first.data
      if (hit?.assetType !== "video") return assert.fail("no hit in a video")
      assert.deepStrictEqual([hit.itemId, hit.rank, hit.matches.length], [item, 1, 1])
      assert.isDefined(hit.metadata?.system?.duration)
      let { nextPageToken } = first
      let pages = 1
      while (nextPageToken !== undefined && pages < 50) {
        const next = yield* search(nextPageToken)
        nextPageToken = next.nextPageToken
        pages++
      }
      assert.isTrue(pages > 1 && pages < 50, `${pages} pages`)
      const bad = yield* refusal(() => knowledgeStores.search(store, { query: { text: "x" }, pageToken: "none" }, once))
      assert.instanceOf(bad, TwelvelabsApi.BadRequestError)
    })
  )

  it.effect("gets a response, and goes on with its conversation", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { responses } = yield* official()
      const turn = (content: string, sessionId?: string) =>
        ask(() =>
          responses.create(
            {
              knowledgeStoreId: twelvelabs.knowledgeStoreId,
              input: [{ type: "message", role: "user", content }],
              instructions: "Be short",
              include: ["intermediate_outputs"],
              ...(sessionId === undefined ? {} : { sessionId })
            },
            once
          )
        )
      const first = yield* turn("How is a kite built?")
      assert.deepStrictEqual([first.object, first.status], ["response", "completed"])
      assert.match(first.sessionId ?? "", /^sess_/)
      assert.isAbove(first.usage?.outputTokens ?? 0, 0)
      const message = first.output?.findLast(({ type }) => type === "message")
      if (message?.type !== "message") return assert.fail("no message")
      const text = message.content?.[0]?.text ?? ""
      assert.isAbove(text.length, 0)
      const annotations = message.content?.flatMap((part) => part.annotations ?? []) ?? []
      assert.isAbove(annotations.length, 0)
      // Places count code points, and the last one belongs to it: whoever slices a string of JavaScript misses the marker.
      for (const { endIndex, startIndex } of annotations) {
        assert.match([...text].slice(startIndex, endIndex + 1).join(""), /^\[\d+\]$/)
      }
      const second = yield* turn("And how is it flown?", first.sessionId)
      assert.strictEqual(second.sessionId, first.sessionId)
      assert.notStrictEqual(second.id, first.id)
    })
  )

  it.effect("reads the events of a stream", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { responses } = yield* official()
      const came: Array<TwelvelabsApi.ResponseStreamEvent> = []
      yield* Effect.promise(async () => {
        const stream = await responses.createStream(
          {
            knowledgeStoreId: twelvelabs.knowledgeStoreId,
            input: [{ type: "message", role: "user", content: "How is a kite built?" }]
          },
          once
        )
        for await (const event of stream) came.push(event)
      })
      // It is younger than the client, which passes it on as it came.
      const events = came.filter(({ type }) => (type as string) !== "keepalive")
      assert.isBelow(events.length, came.length)
      assertKnown(events)
      const types = events.map(({ type }) => type)
      assert.strictEqual(types[0], "response.created")
      assert.strictEqual(types.at(-1), "response.completed")
      const last = events.at(-1)
      if (last?.type !== "response.completed") return assert.fail("no end")
      const deltas = events.flatMap((event) => (event.type === "response.output_text.delta" ? [event.delta ?? ""] : []))
      const message = last.response?.output?.findLast(({ type }) => type === "message")
      assert.strictEqual(message?.type === "message" ? message.content?.[0]?.text : undefined, deltas.join(""))
    })
  )

  it.effect("gets an answer of the shape that it asks for", () =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { responses } = yield* official()
      const response = yield* ask(() =>
        responses.create({
          knowledgeStoreId: twelvelabs.knowledgeStoreId,
          input: [{ type: "message", role: "user", content: "Which tools?" }],
          text: {
            format: {
              type: "json_schema",
              name: "tools",
              strict: true,
              schema: {
                type: "object",
                properties: { tools: { type: "array", items: { type: "string" } } },
                required: ["tools"],
                additionalProperties: false
              }
            }
          }
        })
      )
      const message = response.output?.findLast(({ type }) => type === "message")
      const text = message?.type === "message" ? (message.content?.[0]?.text ?? "") : ""
      assert.isArray(JSON.parse(text).tools)
    })
  )

  it.effect("connects an account, and imports files from it", () =>
    Effect.gen(function* () {
      const { dataConnectors, imports } = yield* official()
      const redirectUri = "https://app.example.com/oauth/done"
      const asked = yield* ask(() =>
        dataConnectors.authorizeConnection({ provider: "google_drive", redirectUri, customId: "project-7" })
      )
      assert.isDefined(asked.state)
      const back = yield* Effect.promise(async () => {
        const { headers } = await fetch(asked.authorizeUrl ?? "", { redirect: "manual" })
        return new URL(headers.get("location") ?? "")
      })
      assert.deepStrictEqual([back.searchParams.get("status"), back.searchParams.get("custom_id")], ["ok", "project-7"])
      const id = back.searchParams.get("connection_id") ?? ""
      const connection = yield* ask(() => dataConnectors.retrieveConnection(id))
      assert.deepStrictEqual([connection.id, connection.provider, connection.status], [id, "google_drive", "active"])
      assert.instanceOf(connection.connectedAt, Date)
      assert.isDefined(connection.account?.externalId)
      const listed = yield* ask(() => dataConnectors.listConnections({ page: 1, pageLimit: 10 }))
      assert.deepStrictEqual([listed.data, listed.pageInfo?.totalResults], [[connection], 1])
      const token = yield* ask(() => dataConnectors.createConnectionPickerToken(id))
      assert.isDefined(token.accessToken)
      assert.isNumber(token.expiresIn)

      const started = yield* ask(() =>
        imports.importFiles(id, { items: [{ sourceId: "1AbCDef_drive" }, { sourceId: "missing-1" }] })
      )
      assert.deepStrictEqual(
        [started.hasFailures, started.items?.map(({ action, status }) => [action, status])],
        [
          true,
          [
            ["created", "processing"],
            ["rejected", undefined]
          ]
        ]
      )
      assert.isDefined(started.items?.[1]?.error?.message)
      const done = yield* until(
        () => imports.retrieveImport(id, started.id ?? ""),
        ({ items }) => items?.[0]?.status === "ready"
      )
      assert.deepStrictEqual([done.connectionId, done.customId, done.itemCount], [id, "project-7", 2])
      const { items: _, ...summary } = done
      assert.deepStrictEqual((yield* ask(() => imports.listImports(id))).data, [summary])

      yield* ask(() => dataConnectors.deleteConnection(id))
      const gone = yield* refusal(() => dataConnectors.retrieveConnection(id, once))
      assert.instanceOf(gone, TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("registers redirect URIs", () =>
    Effect.gen(function* () {
      const { dataConnectors } = yield* official()
      const redirectUri = "https://app.example.com/oauth/done"
      const made = yield* ask(() => dataConnectors.createRedirectUri({ redirectUri }))
      assert.deepStrictEqual([made.redirectUri, made.createdAt instanceof Date], [redirectUri, true])
      assert.deepStrictEqual((yield* ask(() => dataConnectors.listRedirectUris())).data, [made])
      const twice = yield* refusal(() => dataConnectors.createRedirectUri({ redirectUri }, once))
      assert.instanceOf(twice, TwelvelabsApi.ConflictError)
      const unfit = yield* refusal(() => dataConnectors.createRedirectUri({ redirectUri: "http://localhost/" }, once))
      assert.instanceOf(unfit, TwelvelabsApi.UnprocessableEntityError)
      assert.strictEqual(codeOf(unfit), "redirect_uri_invalid")
      yield* ask(() => dataConnectors.deleteRedirectUri(made.id ?? ""))
      const gone = yield* refusal(() => dataConnectors.deleteRedirectUri(made.id ?? "", once))
      assert.instanceOf(gone, TwelvelabsApi.NotFoundError)
    })
  )
})

layer(Emulator.layer())("the vendor's own client, refused,", (it) => {
  const refused = (play: Parameters<typeof official>[0], key?: string) =>
    Effect.gen(function* () {
      const { twelvelabs } = yield* Emulator
      const { knowledgeStores } = yield* official(play, key)
      return yield* refusal(() => knowledgeStores.retrieve(twelvelabs.knowledgeStoreId, once))
    })

  it.effect("finds the status, the code and the message of any refusal", () =>
    Effect.gen(function* () {
      for (const [error, status, code] of [
        [yield* refused(undefined, "tlk_wrong"), 401, "api_key_invalid"],
        [yield* refused({ fault: "forbidden" }), 403, "api_not_allowed"],
        [yield* refused({ fault: "rate-limited" }), 429, "too_many_requests"],
        [yield* refused({ fault: "quota" }), 429, "plan_limit_exceeded"],
        [yield* refused({ fault: "server-error" }), 500, "generic_error"],
        [yield* refused({ fault: "unavailable" }), 503, "generic_error"]
      ] as const) {
        assert.deepStrictEqual([error.statusCode, codeOf(error)], [status, code])
        assert.include(error.message, `Status code: ${status}`)
        assert.instanceOf(error, TwelvelabsApiError)
      }
    })
  )

  it.effect("has classes of its own for those that the vendor declares", () =>
    Effect.gen(function* () {
      const { knowledgeStores } = yield* official()
      const invalid = yield* refusal(() => knowledgeStores.list({ pageLimit: 51 }, once))
      assert.instanceOf(invalid, TwelvelabsApi.BadRequestError)
      const limited = yield* official({ fault: "rate-limited" })
      const tooMany = yield* refusal(() => limited.knowledgeStores.search("ks_none", { query: { text: "x" } }, once))
      assert.instanceOf(tooMany, TwelvelabsApi.TooManyRequestsError)
      assert.isDefined(tooMany.rawResponse?.headers.get("x-ratelimit-reset"))
      const nowhere = yield* refusal(() => knowledgeStores.search("ks_none", { query: { text: "x" } }, once))
      assert.instanceOf(nowhere, TwelvelabsApi.NotFoundError)
    })
  )

  it.effect("asks again by itself, so that a fault may be over then", () =>
    Effect.gen(function* () {
      const { requests, twelvelabs } = yield* Emulator
      const { knowledgeStores } = yield* official({ fault: "unavailable", times: 1, id: "official" })
      const store = yield* ask(() => knowledgeStores.retrieve(twelvelabs.knowledgeStoreId, { maxRetries: 1 }))
      assert.strictEqual(store.id, twelvelabs.knowledgeStoreId)
      const statuses = (yield* requests).filter(({ play }) => play.id === "official").map(({ status }) => status)
      assert.deepStrictEqual(statuses, [503, 200])
    })
  )
})
