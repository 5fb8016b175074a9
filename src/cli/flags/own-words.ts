// Which words of a command line are for complog itself: behind `--` and behind `--run`, others may stand.

/** Behind it, all words are the command that it runs, with whatever flags that has. */
const runFlag = '--run'

/** The words up to `--`, or up to `--run`. */
export function ownWords(argv: readonly string[]): readonly string[] {
    const end = argv.findIndex((word) => word === '--' || word === runFlag)
    return end < 0 ? argv : argv.slice(0, end)
}

/** The words behind `--run`, with a `--` before them left out; undefined where there is no `--run`. */
export function wordsOfRun(argv: readonly string[]): readonly string[] | undefined {
    const own = ownWords(argv)
    if (argv[own.length] !== runFlag) return undefined
    const words = argv.slice(own.length + 1)
    return words[0] === '--' ? words.slice(1) : words
}
