// What the module offers. How JavaScript uses it: ../scanner.ts.
export {
    dataAt,
    dataSizeBytes,
    hashesAt,
    memorySizeBytes,
    orderAt,
    parentsAt,
    recordsMax,
    reportAt,
    sizesAt,
    startsAt,
} from './layout'
export { scan } from './scan'
export { hashRecords, hashSizeBytesMax } from './hash'
export { firstStranger, letThrough, passFilter } from './compare'
