/** How much a browser has to load. */
import { bundle } from "../bundling/bundle.ts"
import { programs } from "../bundling/bundles.ts"
import { type Figure, format } from "../harness/Figure.ts"
import { spreadOf } from "../harness/Statistics.ts"

export const bundleSize: Figure = {
  name: "bundle-size",
  measure: () =>
    Promise.all(
      programs.map(async ({ external, goal, path, title }) => ({
        figure: `bundle, minified and gzip: ${title}`,
        goal: goal === undefined ? undefined : { atMost: goal / 1000 },
        // The same every time.
        measured: spreadOf([(await bundle(path, external)).gzip / 1000]),
        format: format.kilobytes
      }))
    )
}
