// What the module offers. How JavaScript uses it: ../scanner/scanner.ts.
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
export { scan } from './scan'
export { hashRecords, hashSizeBytesMax } from './hash'
export { firstStranger, letThrough, passFilter } from './compare'
export { pack } from './pack'
export { find } from './find'
export { scanEventLines } from './event-lines'
