/** Does something with each item, so many at a time. */
export async function inParallel<T>(
    items: readonly T[],
    atATime: number,
    work: (item: T) => Promise<void>,
): Promise<void> {
    let next = 0
    const worker = async () => {
        while (next < items.length) await work(items[next++] as T)
    }
    await Promise.all(Array.from({ length: atATime }, worker))
}
