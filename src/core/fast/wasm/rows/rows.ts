// What the module offers that works on the rows of a whole log. How TypeScript uses it: ../../row-module.ts.
export { enterHashes, setTables } from './tables'
export { joinGroup } from './join'
export { compareParents } from './compare'
export { beginWalks, countHeads, goWalks, layOutWindow, orderWalks, rankWalks } from './chain'
export { gatherLines } from './gather'
