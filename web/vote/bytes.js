// web/vote/bytes.js -- bytes and their texts: UTF-8, hexadecimal, Base64, big numbers, SHA-256; and chance from the system.
import { sha256 } from '@noble/hashes/sha2'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = text => encoder.encode(text)
export const textOf = bytes => decoder.decode(bytes)

// DATA: a text (as UTF-8) or bytes
export const hashOf = data => sha256(typeof data === 'string' ? bytesOf(data) : data)

export function hexOf(bytes) {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex
}

export function bytesOfHex(hex) {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error('not hexadecimal')
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

// Without padding, as Belenios writes hashes.
export const base64Of = bytes => btoa(String.fromCharCode(...bytes)).replace(/=+$/, '')

// Fit for addresses.
export const base64urlOf = bytes => base64Of(bytes).replace(/\+/g, '-').replace(/\//g, '_')

export function bytesOfBase64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error('not Base64')
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0))
}

// The highest byte first.
export const numberOf = bytes => bytes.length ? BigInt('0x' + hexOf(bytes)) : 0n

export const bytesOfNumber = (number, size) => bytesOfHex(number.toString(16).padStart(2 * size, '0'))

export const randomBytes = size => crypto.getRandomValues(new Uint8Array(size))

// Best effort: JavaScript may have made copies.
export const wipe = bytes => bytes.fill(0)
