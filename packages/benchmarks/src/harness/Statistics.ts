/** Medians and how far the values around them spread. */

/** The middle of some values, and the quartiles around it. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
}

const quantile = (sorted: ReadonlyArray<number>, share: number): number => {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below]!
  return low + ((sorted[below + 1] ?? low) - low) * (place - below)
}

/** The spread of at least one value. */
export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`not measured: [${values.join(", ")}]`)
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}
