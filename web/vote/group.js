// web/vote/group.js -- the arithmetic under an election: a group of prime order q, with two back ends of the same shape.
//
//   name, q, generator, neutral
//   decode(text)      an element from outside: its one canonical text, and a member of the group; throws otherwise
//   encode(element)   its text
//   multiply, divide, equal
//   power(a, x)       x may be secret
//   powerPublic(a, x) quicker where it can be; only for values that anybody may know
//   table(a)          {power(x)} for many powers of the same element, with x secret or not
//   powerMade(x)      of the generator
//   pack, unpack      an element as few bytes, for pictures that a phone reads
//
// Numbers modulo q are BigInt, 0 <= x < q. Nothing in JavaScript takes the same time for every value; what is secret lives short.
import { curve } from './group_curve.js'
import { field } from './group_field.js'
import { bytesOf, bytesOfNumber, hashOf, numberOf, randomBytes } from './bytes.js'

const groups = { 'Ed25519': curve, 'BELENIOS-2048': field }
const opened = new Map()

// Opened once: its table of the generator stays.
export function groupOf(name) {
  if (!Object.prototype.hasOwnProperty.call(groups, name)) throw new Error(`unknown group ${name}`)
  if (!opened.has(name)) {
    const group = groups[name]()
    let made
    group.powerMade = x => (made ??= group.table(group.generator)).power(x)
    group.ready = () => { group.powerMade(1n) }
    opened.set(name, group)
  }
  return opened.get(name)
}

// --- numbers modulo q ---

export const reduce = (group, x) => ((x % group.q) + group.q) % group.q

// Decimal, without sign or leading zeros, below q.
export function scalarOf(group, text) {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,77})$/.test(text)) throw new Error('not a number')
  const x = BigInt(text)
  if (x >= group.q) throw new Error('number too large')
  return x
}

export const hashScalar = (group, text) => numberOf(hashOf(text)) % group.q

// 1 … q−1, from the system.
export function randomScalar(group) {
  for (;;) {
    const x = numberOf(randomBytes(48)) % group.q
    if (x) return x
  }
}

// Numbers that follow from a seed alone: whoever is given the seed makes the same. Each is two hashes wide, then reduced.
export function drawsOf(group, seed) {
  let count = 0
  return () => {
    for (;;) {
      const at = bytesOfNumber(BigInt(count++), 4)
      const half = which => hashOf(Uint8Array.of(...bytesOf('gongzhi|draw|'), which, ...at, ...seed))
      const x = numberOf(Uint8Array.of(...half(0), ...half(1))) % group.q
      if (x) return x
    }
  }
}
