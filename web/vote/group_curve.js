// web/vote/group_curve.js -- Ed25519 by @noble/curves, behind the shape that group.js tells.
import { ed25519 } from '@noble/curves/ed25519'
import { bytesOfHex, hexOf } from './bytes.js'

const Point = ed25519.Point
const q = Point.Fn.ORDER
const WINDOW = 6 // bits; of tables

function decode(text) {
  if (typeof text !== 'string' || !/^[0-9a-f]{64}$/.test(text)) throw new Error('not an element')
  const point = Point.fromBytes(bytesOfHex(text).reverse()) // refuses what is not canonical
  if (!point.isTorsionFree()) throw new Error('outside the group')
  return point
}

const encode = point => hexOf(point.toBytes().reverse())

// multiply() refuses 0 and takes, as far as JavaScript can, the same time for every number.
const power = (point, x) => x === 0n || point.is0() ? Point.ZERO : point.multiply(x)

function table(point) {
  if (point.is0()) return { power: () => Point.ZERO }
  const own = new Point(point.X, point.Y, point.Z, point.T)
  own.precompute(WINDOW, false)
  return { power: x => power(own, x) }
}

export function curve() {
  return {
    name: 'Ed25519', q, generator: Point.BASE, neutral: Point.ZERO, decode, encode, power, table,
    multiply: (a, b) => a.add(b),
    divide: (a, b) => a.subtract(b),
    equal: (a, b) => a.equals(b),
    powerPublic: (a, x) => x === 0n ? Point.ZERO : a.multiplyUnsafe(x),
    pack: point => point.toBytes().reverse(),
    unpack: bytes => decode(hexOf(bytes)),
  }
}
