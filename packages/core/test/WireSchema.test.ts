import { WireSchema } from "@effect-sse/core"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"

const Note = Schema.Struct({ text: WireSchema.maybe(Schema.String), createdAt: WireSchema.maybeTime }).pipe(
  Schema.encodeKeys({ createdAt: "created_at" })
)
const decode = Schema.decodeUnknownSync(Note)
const encode = Schema.encodeSync(Note)

describe("WireSchema", () => {
  it("takes a field that is missing or null for undefined, and leaves it out again", () => {
    for (const wire of [{}, { text: null, created_at: null }]) {
      assert.deepStrictEqual(decode(wire), { text: undefined, createdAt: undefined })
    }
    assert.deepStrictEqual(encode({ text: undefined, createdAt: undefined }), {})
    assert.deepStrictEqual(encode({ text: "a", createdAt: undefined }), { text: "a" })
    assert.throws(() => decode({ text: 7 }))
  })

  it("reads times with an offset and without, and loses nothing over one that is none", () => {
    const iso = (text: string) => {
      const { createdAt } = decode({ created_at: text })
      return createdAt === undefined ? undefined : DateTime.formatIso(createdAt)
    }
    assert.strictEqual(iso("2026-08-20T09:00:00Z"), "2026-08-20T09:00:00.000Z")
    assert.strictEqual(iso("2026-08-20T11:00:00.123456789+02:00"), "2026-08-20T09:00:00.123Z")
    assert.strictEqual(iso("2026-08-20T09:00:00"), "2026-08-20T09:00:00.000Z")
    assert.isUndefined(iso(""))
    assert.isUndefined(iso("soon"))
    assert.isUndefined(decode({ created_at: 7 }).createdAt)
  })

  it("takes a value that is not what it should be for none, where nothing depends on it", () => {
    const Info = Schema.Struct({
      codec: WireSchema.loosely(Schema.String),
      sizes: WireSchema.loosely(Schema.Array(Schema.Int))
    })
    assert.deepStrictEqual(Schema.decodeUnknownSync(Info)({ codec: 7, sizes: [1, "x"] }), {
      codec: undefined,
      sizes: undefined
    })
    assert.deepStrictEqual(Schema.decodeUnknownSync(Info)({ codec: "h264", sizes: [1] }), { codec: "h264", sizes: [1] })
    assert.deepStrictEqual(Schema.encodeSync(Info)({ codec: "h264", sizes: undefined }), { codec: "h264" })
  })

  it("keeps words that are not known", () => {
    const Status = WireSchema.openEnum("queued", "ready")
    assert.strictEqual(Schema.decodeUnknownSync(Status)("on hold"), "on hold")
    assert.throws(() => Schema.decodeUnknownSync(Status)(1))
    const known: typeof Status.Type = "ready"
    assert.strictEqual(known, "ready")
  })

  it("refuses ids that would make another path", () => {
    const Id = WireSchema.inPath(Schema.String.pipe(Schema.brand("Id")))
    for (const id of ["", ".", ".."]) assert.throws(() => Schema.decodeUnknownSync(Id)(id))
    for (const id of ["...", "a/b", ".a"]) assert.strictEqual(Schema.decodeUnknownSync(Id)(id), id)
  })

  it("spells booleans as words", () => {
    assert.strictEqual(Schema.encodeSync(WireSchema.BooleanText)(true), "true")
    assert.isFalse(Schema.decodeUnknownSync(WireSchema.BooleanText)("false"))
    assert.throws(() => Schema.decodeUnknownSync(WireSchema.BooleanText)("no"))
  })
})
