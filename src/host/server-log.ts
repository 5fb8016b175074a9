// What the HTTP library logs by itself: trouble. What a host does it says itself.
import { type FastifyBaseLogger, LogController } from 'fastify'

const calm = new Set(['trace', 'debug', 'info'])

/** The options that make a server log this way. */
export function quietly(logger: FastifyBaseLogger) {
    const level = calm.has(logger.level) ? 'warn' : logger.level
    return {
        loggerInstance: logger.child({}, { level }),
        logController: new LogController({ disableRequestLogging: true }),
    }
}
