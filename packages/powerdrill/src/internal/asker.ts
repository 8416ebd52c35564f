import * as Redacted from "effect/Redacted"
import type { CallOptions, Connection } from "../Connection.ts"

/** Who asks: the user of this call, else the client's. */
export const asker = (
  connection: Pick<Connection, "userId">,
  options: CallOptions | undefined
): { readonly userId: string } => ({ userId: options?.userId ?? Redacted.value(connection.userId) })
