/**
 * Why a URL that came from outside must not be fetched, or `undefined` if it may.
 *
 * A hostile link could otherwise make a server read its own network. Names are not resolved here: a name that resolves to
 * a private address is for the network's own rules to refuse.
 */
export const refusalOfUrl = (url: string, allowPrivate: boolean): string | undefined => {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return "not a URL"
  }
  if (allowPrivate && parsed.protocol === "http:") return undefined
  if (parsed.protocol !== "https:") return `the scheme ${parsed.protocol}// is not https://`
  if (parsed.username !== "" || parsed.password !== "") return "the URL holds credentials"
  return !allowPrivate && isPrivateHost(parsed.hostname) ? "the host is a private or loopback address" : undefined
}

/** Whether a host name, as `URL` gives it, is this machine. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

const isPrivateHost = (host: string): boolean => {
  const name = host.toLowerCase().replace(/\.$/, "")
  // URL parsing has already brought every spelling of an address into one form.
  if (name.startsWith("[")) return isPrivateIpv6(name.slice(1, -1))
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return isPrivateIpv4(name)
  return name === "localhost" || /\.(localhost|local|internal|home\.arpa)$/.test(name)
}

const isPrivateIpv4 = (address: string): boolean => {
  const [a = 0, b = 0] = address.split(".").map(Number)
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 192 && b === 0)
  )
}

const isPrivateIpv6 = (address: string): boolean => {
  if (address === "::" || address === "::1") return true
  // IPv4 inside IPv6, mapped or translated.
  if (/^(::ffff:|64:ff9b:)/.test(address)) return true
  const first = Number.parseInt(address.split(":", 1)[0] || "0", 16)
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00
}
