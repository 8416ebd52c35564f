/** A large file in parts over loopback, against `curl -T` of the same file in one piece. */
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { createWriteStream } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { type Figure, format, type Goal, type Repetition, type Row } from "../harness/Figure.ts"
import { usingFolder } from "../harness/Folder.ts"
import * as Rounds from "../harness/Rounds.ts"
import * as Server from "../harness/Server.ts"
import type { Task } from "../tasks.ts"
import type { Transport } from "../tasks/upload.ts"

const mebibyte = 2 ** 20
const partSize = 8 * mebibyte

/** Writes a file in which each mebibyte is another. */
const writeFile = async (path: string, mebibytes: number): Promise<string> => {
  const block = randomBytes(mebibyte)
  const blocks = function* () {
    for (let index = 0; index < mebibytes; index++) {
      block.writeUInt32BE(index)
      yield Buffer.from(block)
    }
  }
  await pipeline(Readable.from(blocks()), createWriteStream(path))
  return path
}

const transports: ReadonlyArray<Transport> = ["fetch", "undici", "node:http"]

const upload = (path: string, origin: string, transport: Transport, check: boolean): Task => ({
  name: "upload",
  args: { path, origin, partSize, transport, check }
})

const throughput = async (
  path: string,
  origin: string,
  title: string,
  repetition: Repetition
): Promise<ReadonlyArray<Row>> => {
  const row = (what: string, measured: Row["measured"], goal?: Goal): Row => ({
    figure: `${title}: throughput ${what}, against curl -T`,
    goal,
    measured,
    format: format.ratio
  })
  const rows = (measuredOf: (candidate: Transport | "loop") => Row["measured"]): ReadonlyArray<Row> => [
    ...transports.map((transport) => row(`over ${transport}`, measuredOf(transport), { atLeast: 0.7 })),
    row("of a loop over fetch by hand", measuredOf("loop"))
  ]
  if (spawnSync("curl", ["--version"]).status !== 0) return rows(() => "not measured: there is no curl")
  const rounds = await Rounds.measure(
    {
      curl: { name: "curl", args: { path, origin, check: true } },
      fetch: upload(path, origin, "fetch", true),
      undici: upload(path, origin, "undici", true),
      "node:http": upload(path, origin, "node:http", true),
      loop: { name: "fetchParts", args: { path, origin, partSize, check: true } }
    },
    repetition
  )
  return rows((candidate) => Rounds.over(rounds, (round) => round.curl["wall"]! / round[candidate]["wall"]!))
}

export const uploads: Figure = {
  name: "uploads",
  measure: (effort) =>
    usingFolder((folder) =>
      Server.using(async (origin) => {
        const size = effort.isFull ? 1024 : 256
        const large = await writeFile(join(folder, "large.csv"), size)
        const small = await writeFile(join(folder, "small.csv"), size / 4)
        const title = `upload of ${size} MiB in parts`
        const memory = await Rounds.measure(
          { large: upload(large, origin, "fetch", false), small: upload(small, origin, "fetch", false) },
          Rounds.once(effort.isFull ? 5 : 3)
        )
        return [
          ...(await throughput(large, origin, title, {
            processes: 1,
            warmups: 2,
            rounds: effort.isFull ? 10 : 5
          })),
          {
            figure: `${title}: peak memory of the process, over fetch`,
            measured: Rounds.over(memory, ({ large }) => large["peak"]! / 1e6),
            format: format.megabytes
          },
          {
            figure: `${title}: peak memory over fetch, against a quarter of the file`,
            goal: { atMost: 1.2 },
            measured: Rounds.over(memory, ({ large, small }) => large["peak"]! / small["peak"]!),
            format: format.ratio
          }
        ]
      })
    )
}
