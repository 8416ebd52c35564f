/** The fields of an object that have a value: one that is `undefined` has no place on the wire, nor may it take another's. */
export const given = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
