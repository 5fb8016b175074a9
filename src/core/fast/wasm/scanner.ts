// What the module offers. How JavaScript uses it: ../scanner/scanner.ts.

export { letThrough, passFilter } from './compare'
export { scanEventLines } from './event-lines'
export { find } from './find'
export { hashRecords, hashSizeBytesMax } from './hash'
export {
    dataAt,
    dataSizeBytes,
    entriesAt,
    hashesAt,
    inputsMax,
    memorySizeBytes,
    orderAt,
    packedTextAt,
    parentsAt,
    recordsMax,
    reportAt,
    sizesAt,
    startsAt,
    wantedAt,
    wantedSizeBytes,
} from './layout'
export { pack } from './pack'
export { scan } from './scan'
