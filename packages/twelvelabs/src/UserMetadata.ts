/**
 * What users note about their assets: names with values, by which lists can be narrowed down.
 */

/**
 * Metadata of the user's own.
 */
export type UserMetadata = Readonly<Record<string, string | number | boolean>>

/**
 * A change of metadata: what is null is taken away, what is not named stays.
 */
export type UserMetadataChange = Readonly<Record<string, string | number | boolean | null>>
