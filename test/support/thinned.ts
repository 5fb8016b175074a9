/**
 * How much of a sweep is done: a part of it in `npm test`, all of it with `npm run test:whole`.
 * @param part what is done as a rule
 * @param whole what is done where the whole is asked for
 */
export function thinned<T>(part: T, whole: T): T {
    return process.env['COMPLOG_WHOLE'] === undefined ? part : whole
}
