// Which words of a command line are for complog itself: behind `--` and behind `--run`, others may stand.

/** Behind it, all words are the command that it runs, with whatever flags that has. */
const runFlag = '--run'

/** The words up to `--`, or up to `--run`. */
export function argumentsForComplog(argv: readonly string[]): readonly string[] {
    const end = argv.findIndex((word) => word === '--' || word === runFlag)
    return end < 0 ? argv : argv.slice(0, end)
}

/** The words behind `--run`, with a `--` before them left out; undefined where there is no `--run`. */
export function argumentsOfRun(argv: readonly string[]): readonly string[] | undefined {
    const before = argumentsForComplog(argv)
    if (argv[before.length] !== runFlag) return undefined
    const words = argv.slice(before.length + 1)
    return words[0] === '--' ? words.slice(1) : words
}
