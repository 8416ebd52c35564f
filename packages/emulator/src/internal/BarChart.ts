/**
 * Draws bar charts as PNG files, so that the images of the store are real ones.
 */
import * as Zlib from "node:zlib"

/** A chart: heights of its bars, and its size in pixels. */
export interface BarChart {
  readonly values: ReadonlyArray<number>
  readonly width: number
  readonly height: number
}

const palette = [
  [255, 255, 255],
  [60, 66, 87],
  [46, 134, 193],
  [23, 165, 137],
  [241, 148, 138],
  [244, 208, 63],
  [155, 89, 182],
  [229, 152, 102]
] as const

const paper = 0
const axis = 1
const firstColour = 2
const margin = 12

/** Draws the chart and encodes it. */
export const toPng = (chart: BarChart): Uint8Array => {
  const { height, width } = chart
  const pixels = new Uint8Array(width * height).fill(paper)
  const fill = (left: number, top: number, right: number, bottom: number, colour: number) => {
    for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
      pixels.fill(colour, y * width + Math.max(0, left), y * width + Math.min(width, right))
    }
  }
  const base = height - margin
  const slot = (width - 2 * margin) / Math.max(1, chart.values.length)
  const highest = Math.max(1, ...chart.values)
  chart.values.forEach((value, index) => {
    const left = margin + index * slot + slot * 0.15
    const top = base - ((height - 2 * margin) * value) / highest
    const colour = firstColour + (index % (palette.length - firstColour))
    fill(Math.round(left), Math.round(top), Math.round(left + slot * 0.7), base, colour)
  })
  fill(margin - 2, margin, margin, base, axis)
  fill(margin - 2, base, width - margin, base + 2, axis)
  return encode(pixels, width, height)
}

/** Encodes palette pixels: PNG's colour type 3, no filter, no interlacing. */
const encode = (pixels: Uint8Array, width: number, height: number): Uint8Array => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    block("IHDR", header),
    block("PLTE", Buffer.from(palette.flat())),
    block("IDAT", Zlib.deflateSync(rows)),
    block("IEND", Buffer.alloc(0))
  ])
}

const block = (name: string, data: Uint8Array): Uint8Array => {
  const typed = Buffer.concat([Buffer.from(name, "latin1"), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(Zlib.crc32(typed))
  return Buffer.concat([length, typed, checksum])
}
