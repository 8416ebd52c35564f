/** All figures, in the order of the table. */
import { bundleSize } from "./figures/bundleSize.ts"
import { folding } from "./figures/folding.ts"
import { importTime } from "./figures/importTime.ts"
import { largeEvents } from "./figures/largeEvents.ts"
import { latency } from "./figures/latency.ts"
import { loopback } from "./figures/loopback.ts"
import { openStreams } from "./figures/openStreams.ts"
import { peersOfStreams } from "./figures/peers.ts"
import { powerdrillBlocks } from "./figures/powerdrillBlocks.ts"
import { slowConsumer } from "./figures/slowConsumer.ts"
import { smallChunks } from "./figures/smallChunks.ts"
import { textDeltas } from "./figures/textDeltas.ts"
import { typeChecking } from "./figures/typeChecking.ts"
import { uploads } from "./figures/uploads.ts"
import type { Figure } from "./harness/Figure.ts"

export const figures: ReadonlyArray<Figure> = [
  textDeltas,
  peersOfStreams,
  smallChunks,
  powerdrillBlocks,
  largeEvents,
  loopback,
  latency,
  slowConsumer,
  openStreams,
  folding,
  uploads,
  bundleSize,
  importTime,
  typeChecking
]
