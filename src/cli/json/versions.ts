// The version of what each command prints with --json, in a file of its own: what prints errors needs it, and
// must not wait for the schemas. docs/json.md says when one is raised.

/** By the name of the command. `complog` stands for what was not a command at all. */
export const schemaVersions = {
    'verify-chain': 1,
    replay: 1,
    reduce: 1,
    truncate: 1,
    reorder: 1,
    repair: 1,
    profile: 1,
    bisect: 1,
    compare: 1,
    convert: 1,
    files: 1,
    append: 1,
    host: 1,
    show: 1,
    search: 1,
    complog: 1,
} as const

export type CommandName = keyof typeof schemaVersions

/** What the field `schema` of an envelope says, such as `complog/replay/1`. */
export function schemaOf(command: CommandName): string {
    return `complog/${command}/${schemaVersions[command]}`
}
