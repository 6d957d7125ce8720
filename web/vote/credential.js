// web/vote/credential.js -- a voter's code: 22 letters and digits, in groups of 5, 6, 5 and 6; the key to vote with follows from it.
import { hashOf, hexOf, numberOf, randomBytes } from './bytes.js'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
export const CODE_LENGTH = 22
const MOST_GUESSES = 64

// Letters, each as likely as any other.
export function randomLetters(count) {
  let letters = ''
  while (letters.length < count)
    for (const byte of randomBytes(2 * count))
      if (byte < 4 * 58 && letters.length < count) letters += BASE58[byte % 58]
  return letters
}

export const groupLetters = letters => [[0, 5], [5, 11], [11, 16], [16, 22]].map(([from, to]) => letters.slice(from, to)).join('-')

export const randomCode = () => groupLetters(randomLetters(CODE_LENGTH))

// What somebody typed: full-width forms become plain, spaces and dashes of every kind go.
const lettersTyped = typed => typed.normalize('NFKC').replace(/[\s\p{Pd}_.,·•、，。|/\\]+/gu, '')

// How many letters have been typed; is there one that no code has?
export function lookAt(typed) {
  const letters = lettersTyped(typed)
  const strange = [...letters].find(letter => !/[0-9A-Za-z]/.test(letter))
  return { count: [...letters].length, strange, isWhole: !strange && letters.length === CODE_LENGTH }
}

// Codes never have 0, O, I and l, which look like others: all codes that may have been meant, the likeliest first.
const LOOKS = { 0: 'o', O: 'o', I: '1i', l: '1iL' }

export function codesMeant(typed) {
  if (!lookAt(typed).isWhole) return []
  let codes = ['']
  for (const letter of lettersTyped(typed)) {
    const looks = LOOKS[letter] ?? letter
    codes = [...looks].flatMap(look => codes.map(code => code + look)).slice(0, MOST_GUESSES)
  }
  return codes.map(groupLetters)
}

// Whether TYPED may have been meant for LETTERS, capitals aside: to see whether a paper is at hand, never to open anything.
const plain = typed => lettersTyped(typed).toLowerCase().replace(/0/g, 'o').replace(/[il]/g, '1')

export const isMeant = (typed, letters) => plain(typed) === plain(letters)

// The number behind a code; the public side is generator to its power.
export function secretOf(group, uuid, code) {
  const half = i => hashOf(`derive_credential|${uuid}|${i}|${code}`)
  return BigInt('0x' + hexOf(half(0)) + hexOf(half(1))) % group.q
}

export const publicOf = (group, uuid, code) => group.encode(group.powerMade(secretOf(group, uuid, code)))

// The order of the public list tells nothing about the roll.
export function sortPublic(group, list) {
  const key = new Map(list.map(text => [text, numberOf(group.pack(group.decode(text)))]))
  return [...list].sort((a, b) => key.get(a) < key.get(b) ? -1 : key.get(a) > key.get(b) ? 1 : 0)
}
