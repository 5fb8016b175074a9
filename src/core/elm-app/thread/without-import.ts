// `import()` is the one way out that a vm context does not close: it is answered by Node itself, and the error that
// it answers with leads to Node's own Function. So the word must not be a keyword in a script.

/**
 * The script with `import` spelled by an escape wherever it stands. JavaScript takes an escaped spelling for the same
 * string, property or part of a name, but never for a keyword: code that imports becomes a SyntaxError, and all other
 * code means what it did. (Tagged templates could tell, as could a function that reads its own text.)
 */
export function withoutImport(script: string): string {
    return script.replaceAll(/(\\*)import/g, (_, backslashes: string) =>
        // An odd one belongs to the i: in a string, `\i` is an i.
        backslashes.length % 2 === 0
            ? String.raw`${backslashes}\u0069mport`
            : String.raw`${backslashes.slice(1)}\u0069mport`,
    )
}
