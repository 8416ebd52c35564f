/**
 * What users note about what is theirs: names with values.
 */

/**
 * Metadata of the user's own, of assets, of what is indexed, and of entities.
 */
export type UserMetadata = Readonly<Record<string, string | number | boolean>>

/**
 * A change of metadata: what is null is taken away, what is not named stays.
 */
export type UserMetadataChange = Readonly<Record<string, string | number | boolean | null>>

/**
 * Metadata of the user's own, of knowledge stores and what is in them: texts only.
 */
export type TextMetadata = Readonly<Record<string, string>>
