// Which file a new record goes to. Hosts since 2019-04-15 keep one folder a day and in it one file an hour, in UTC.

/** Path of the file for a moment, relative to the composition folder: `yyyy-MM-dd/yyyy-MM-ddTHH.composition.jsonl`. */
export function logFilePathAt(time: Date): string {
    const iso = time.toISOString()
    return `${iso.slice(0, 10)}/${iso.slice(0, 13)}.composition.jsonl`
}

/**
 * The file to append to. A new one only where its path sorts behind all that are there: files are read in the order of
 * their paths, so a clock that jumped back must not put a record before older ones.
 * @param last path of the last file of the log; undefined where there is none
 */
export function logFileToAppendTo(last: string | undefined, time: Date): string {
    const now = logFilePathAt(time)
    return last === undefined || now > last ? now : last
}
