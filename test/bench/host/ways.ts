// The ways to keep what a web app was told that are compared.
export const ways = ['complog', 'persistence off', 'bare append', 'sqlite'] as const
export type Way = (typeof ways)[number]

/** As a text, so that nobody looks for its types where it is not installed. */
export const sqlitePackage: string = 'better-sqlite3'
