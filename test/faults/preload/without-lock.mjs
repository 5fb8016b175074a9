// A control: a command that takes every lock, also one that another process holds.
import { createRequire } from 'node:module'

createRequire(import.meta.url)('fs-native-extensions').tryLock = () => true
