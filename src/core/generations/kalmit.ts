// 2018-11 to 2020-04: the store that all other rooms read and write.
import type { StoreGeneration } from './generation.js'

/** Path of the log file of a moment, in the log's folder: `yyyy-MM-dd/yyyy-MM-ddTHH.composition.jsonl`. */
export function hourlyFileAt(time: Date): string {
    const iso = time.toISOString()
    return `${iso.slice(0, 10)}/${iso.slice(0, 13)}.composition.jsonl`
}

export const kalmit: StoreGeneration = {
    id: '2018-11',
    project: 'Kalmit',
    written: 'of 2018-11 to 2020-04',
    markers: [{ path: 'composition/' }],
    logFolder: 'composition',
    hashed: 'line',
    order: 'parents',
    writer: { logFileAt: hourlyFileAt, forms: [{ from: '2019-04-15', hosts: 'of 2019-04-15 to 2020-04' }] },
}
