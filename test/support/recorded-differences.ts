// What a host may do otherwise than Kalmit's own did, by kind: the recorded exchanges are held against this list, and
// docs/differences.md is made of it.

export interface DifferenceKind {
    readonly what: string
    readonly kalmit: string
    readonly complog: string
    readonly why: string
    /** The exchanges that it is about, by name; absent: all. */
    readonly names?: RegExp
    /** The differences that it allows, as `differencesOf` words them. */
    readonly allows: RegExp
}

const node = 'Node’s parser of HTTP decides; a stricter one is safer behind proxies'
const form = 'what Elm’s `Json.Encode` writes is always JSON'
const noHttp = 'it could not be told from a broken connection, or could be taken for something else'

export const differenceKinds: readonly DifferenceKind[] = [
    {
        what: 'the body of an error of the host',
        kalmit: 'empty, without a type',
        complog: 'a sentence, `text/plain`',
        why: 'it says what is wrong, and whether the request was recorded',
        allows: /^sentence$/,
    },
    {
        what: 'an answer that is not in the form of the interface, or cannot be sent',
        kalmit: '500',
        complog: '502, and a line in the log that names the field',
        why: 'the app is to blame, not the host',
        names: /^(answer|pipelined behind one that fails|app-)/,
        allows: /^status 500 → 502$/,
    },
    {
        what: 'no answer to this request in what the app says',
        kalmit: '500 at once; since May 2019 after 60 s, when an answer at a later event counts',
        complog: 'waits for one as since May 2019, 504 after `--answer-timeout`',
        why: 'an app may answer at a later event',
        names: /^(answer|hold)/,
        allows: /^status 500 → 504$/,
    },
    {
        what: 'an entry of the answer that is no object, beside one that is fine; two entries for one header; a tab in a header; `200.0`',
        kalmit: '500',
        complog: 'the answer is sent',
        why: 'what is known is done, and HTTP allows the rest',
        names: /^answer (unknown entry|headersToAdd same name|headersToAdd value with tab|Set-Cookie two|statusCode 2)/,
        allows: /^status 500 → 200$/,
    },
    {
        what: 'comments, trailing commas, single quotes, names without quotes, `0xC8`, raw controls in the JSON of an answer',
        kalmit: 'taken',
        complog: '502',
        why: form,
        names: /^answer (comments|trailing comma|single quotes|names without quotes|hex number|raw control)/,
        allows: /^status 200 → 502$/,
    },
    {
        what: 'a number for a text, `1.50`',
        kalmit: '`1.50`',
        complog: '`1.5`',
        why: form,
        names: /^answer bodyAsString/,
        allows: /^body$/,
    },
    {
        what: 'a status below 200 or over 999',
        kalmit: 'sent as it is',
        complog: '502',
        why: noHttp,
        names: /^answer statusCode/,
        allows: /^(status (\d+|null) → 502|answers .*|complete)$/,
    },
    {
        what: '205',
        kalmit: 'without a length, and the connection is closed',
        complog: '`Content-Length: 0`',
        why: 'a client awaits a body else',
        names: /^answer statusCode 205/,
        allows: /^complete$/,
    },
    {
        what: 'a header whose name is no token of HTTP',
        kalmit: 'sent',
        complog: '502',
        why: noHttp,
        names: /^answer headersToAdd (name|value|values)/,
        allows: /^status 200 → 502$/,
    },
    {
        what: '`Content-Length`, `Transfer-Encoding`, `Trailer`, `Upgrade` by the app',
        kalmit: 'sent, whether right or wrong: the answer is cut off, or its client waits for ever',
        complog: 'left out: the host says them itself',
        why: noHttp,
        names: /^answer (Content-Length|Transfer-Encoding|Trailer|Upgrade|Connection|Keep-Alive)/,
        allows: /^(complete|body|header (trailer|upgrade)|status 500 → 200)$/,
    },
    {
        what: 'HTTP/1.0',
        kalmit: 'the body ends with the connection',
        complog: '`Content-Length`',
        why: 'an answer that was cut off can be told from a whole one',
        names: /^HTTP\/1\.0/,
        allows: /^complete$/,
    },
    {
        what: 'methods that Node does not know, or in small letters',
        kalmit: 'recorded as they were written',
        complog: '400',
        why: node,
        names: /^method /,
        allows: /^(status 200 → 400|events 1 → 0)$/,
    },
    {
        what: 'a control character in a path or a header, a header without a name, `Transfer-Encoding` beside `Content-Length`',
        kalmit: 'recorded',
        complog: '400',
        why: node,
        names: /^(chunked and Content-Length|uri|header)/,
        allows: /^(status 200 → 400|events 1 → 0)$/,
    },
    {
        what: 'a blank in the path, another version of HTTP',
        kalmit: '505',
        complog: '400; `HTTP/2.0` as text is taken for HTTP/1.1',
        why: node,
        names: /^(uri|HTTP\/)/,
        allows: /^(status 505 → (400|200)|events 0 → 1)$/,
    },
    {
        what: 'a request line of more than 8 KiB, a head of 16 to 32 KiB',
        kalmit: '414; recorded',
        complog: 'recorded up to 16 KiB in all; 431 from there',
        why: node,
        names: /^(uri of|header of)/,
        allows: /^(status (414 → (200|431)|200 → 431)|events (0 → 1|1 → 0))$/,
    },
    {
        what: 'POST without a length',
        kalmit: '411; of HTTP/1.0 400',
        complog: 'recorded, without a body',
        why: `${node}; later versions of Kestrel do the same`,
        names: /^(HTTP\/1\.0 )?POST without length/,
        allows: /^(status (411|400) → 200|events 0 → 1)$/,
    },
    {
        what: 'an empty line before a request',
        kalmit: '400',
        complog: 'passed over',
        why: `${node}; RFC 9112 asks for it`,
        names: /^empty line first/,
        allows: /^(status 400 → 200|events 0 → 1)$/,
    },
    {
        what: 'UTF-8 in a header',
        kalmit: '400',
        complog: 'recorded',
        why: 'later versions of Kestrel do the same',
        names: /^header UTF-8/,
        allows: /^(status 400 → 200|events 0 → 1)$/,
    },
    {
        what: 'no `Host` in HTTP/1.0; `*` with another method than OPTIONS, or a target that is no path',
        kalmit: '500; 405',
        complog: '400',
        why: 'the request is wrong, not the host',
        names: /^(HTTP\/1\.0|absolute-form HTTP\/1\.0|uri|method)/,
        allows: /^status (500|405) → 400$/,
    },
    {
        what: 'what cannot be read, and then the end',
        kalmit: 'closed without a word',
        complog: '400',
        why: 'it says what is wrong',
        names: /then end$/,
        allows: /^answers 0 → 1$/,
    },
    {
        what: 'bytes behind a request that are no request',
        kalmit: 'waits for more',
        complog: '400 behind the answer',
        why: node,
        names: /^body longer than its length/,
        allows: /^answers 1 → 2$/,
    },
    {
        what: 'a client that goes on, but slowly',
        kalmit: '408 after 30 s of a head, and after 5 s of a body below 240 bytes a second',
        complog: 'served, if the whole request takes no longer than `--request-timeout`; else 408',
        why: 'a bad line is no fault of its user, and the number of connections has a bound',
        names: /drips?$/,
        allows: /^status 408 → 200$/,
    },
    {
        what: 'a connection on which nothing is said; one that is idle behind an answer',
        kalmit: 'closed after 2 minutes without a word',
        complog: '408 after `--request-timeout`; closed after 72 s, as `Keep-Alive` says',
        why: 'Node’s way',
        names: /^nothing sent/,
        allows: /^answers 0 → 1$/,
    },
    {
        what: 'a start after which the clock is behind the newest file of the log',
        kalmit: '500 for each event until the clock is past it, and the next record that is written has a parent that is in no file',
        complog: 'recorded in the newest file, and answered',
        why: 'no record may be lost to a clock',
        names: /^clock: the same, behind a start/,
        allows: /^status 500 → 200$/,
    },
    {
        what: 'a clock with an offset from UTC',
        kalmit: 'files of the log are named by the local hour',
        complog: 'by the hour in UTC',
        why: 'names sort by time then, also when an offset changes',
        names: /^clock: .*time with an offset/,
        allows: /^files$/,
    },
    {
        what: 'reductions',
        kalmit: 'behind the first event of each process, then behind the first an hour later; none when it stops',
        complog:
            '`--reduction-interval` after the start or the one before, if there were records, and when it stops',
        why: 'the next start is quick, whenever it comes',
        names: /^clock: /,
        allows: /^reduction$/,
    },
]

/** The table of docs/differences.md. */
export function differencesTable(): string {
    const rows = differenceKinds.map(
        ({ what, kalmit, complog, why }) => `| ${what} | ${kalmit} | ${complog} | ${why} |`,
    )
    return ['| what | Kalmit’s host | complog | why |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
