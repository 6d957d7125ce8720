// web/vote/group_field.js -- BELENIOS-2048: numbers modulo a prime of 2048 bits, by BigInt, behind the shape that group.js tells.
import { bytesOfNumber, numberOf } from './bytes.js'

const p = 20694785691422546401013643657505008064922989295751104097100884787057374219242717401922237254497684338129066633138078958404960054389636289796393038773905722803605973749427671376777618898589872735865049081167099310535867780980030790491654063777173764198678527273474476341835600035698305193144284561701911000786737307333564123971732897913240474578834468260652327974647951137672658693582180046317922073668860052627186363386088796882120769432366149491002923444346373222145884100586421050242120365433561201320481118852408731077014151666200162313177169372189248078507711827842317498073276598828825169183103125680162072880719n
const q = 78571733251071885079927659812671450121821421258408794611510081919805623223441n
const g = 2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678799694668298749389095083896573425601900601068477164491735474137283104610458681314511781646755400527402889846139864532661215055797097162016168270312886432456663834863635782106154918419982534315189740658186868651151358576410138882215396016043228843603930989333662772848406593138406010231675095763777982665103606822406635076697764025346253773085133173495194248967754052573659049492477631475991575198775177711481490920456600205478127054728238140972518639858334115700568353695553423781475582491896050296680037745308460627n

const WINDOW = 5 // bits, of a single power
const TABLE_WINDOW = 6 // bits, of tables: 43 rows of 64
const SIZE = 256 // bytes of an element

const multiply = (a, b) => a * b % p

// As many multiplications for every x.
function power(a, x) {
  const powers = [1n, a]
  for (let i = 2; i < 1 << WINDOW; i++) powers.push(powers[i - 1] * a % p)
  let made = 1n
  for (let at = Math.ceil(256 / WINDOW) - 1; at >= 0; at--) {
    for (let i = 0; i < WINDOW; i++) made = made * made % p
    made = made * powers[Number(BigInt.asUintN(WINDOW, x >> BigInt(at * WINDOW)))] % p
  }
  return made
}

function table(a) {
  const rows = []
  let base = a
  for (let at = 0; at * TABLE_WINDOW < 256; at++) {
    const row = [1n]
    for (let i = 1; i < 1 << TABLE_WINDOW; i++) row.push(row[i - 1] * base % p)
    base = row[row.length - 1] * base % p
    rows.push(row)
  }
  return { power: x => rows.reduce((made, row, at) => made * row[Number(BigInt.asUintN(TABLE_WINDOW, x >> BigInt(at * TABLE_WINDOW)))] % p, 1n) }
}

function inverse(a) {
  let [r, next, s, t] = [p, a, 0n, 1n]
  while (next) {
    const times = r / next;
    [r, next, s, t] = [next, r - times * next, t, s - times * t]
  }
  return s < 0n ? s + p : s
}

function member(a) {
  if (a <= 0n || a >= p || power(a, q) !== 1n) throw new Error('outside the group')
  return a
}

function decode(text) {
  if (typeof text !== 'string' || !/^[1-9][0-9]{0,616}$/.test(text)) throw new Error('not an element')
  return member(BigInt(text))
}

export function field() {
  return {
    name: 'BELENIOS-2048', q, generator: g, neutral: 1n, decode, power, table, multiply, powerPublic: power,
    encode: a => a.toString(),
    divide: (a, b) => a * inverse(b) % p,
    equal: (a, b) => a === b,
    pack: a => bytesOfNumber(a, SIZE),
    unpack: bytes => member(numberOf(bytes)),
  }
}
