// 2018-11 to 2020-04: the store that all other rooms read and write.
import type { StoreGeneration } from './generation.js'

export const kalmit: StoreGeneration = {
    id: '2018-11',
    project: 'Kalmit',
    written: 'of 2018-11 to 2020-04',
    markers: [{ path: 'composition/' }],
    logFolder: 'composition',
    hashed: 'line',
    order: 'parents',
}
