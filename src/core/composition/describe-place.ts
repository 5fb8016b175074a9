import type { Place } from '../errors.js'

/** A place within the text of a message. */
export function describePlace(place: Place): string {
    return place.line === undefined
        ? `${place.file} at byte ${place.offsetBytes}`
        : `${place.file}:${place.line}`
}
