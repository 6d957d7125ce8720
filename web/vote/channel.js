// web/vote/channel.js -- private messages between trustees: signed by the sender, encrypted to the receiver (AES-256-GCM by the browser).
import { bytesOf, bytesOfHex, hashOf, hexOf, textOf } from './bytes.js'
import { randomScalar } from './group.js'
import { check, prove } from './proof.js'

const signingPrefix = message => `sigmsg|${message}|`

// A signed_msg.
export const sign = (group, secret, message) => ({ message, signature: prove(group, signingPrefix(message), secret) })

export const signature = (group, secret, message) => prove(group, signingPrefix(message), secret)

export const isSignedBy = (group, key, message, proof) => check(group, signingPrefix(message), key, proof)

async function cipher(group, alpha, shared, use) {
  const key = await crypto.subtle.importKey('raw', hashOf(`key|${group.encode(shared)}`), 'AES-GCM', false, [use])
  return data => crypto.subtle[use]({ name: 'AES-GCM', iv: hashOf(`iv|${alpha}`) }, key, data)
}

async function encrypt(group, key, text) {
  const [r, random] = [randomScalar(group), randomScalar(group)]
  const [shared, alpha] = [group.powerMade(random), group.encode(group.powerMade(r))]
  const run = await cipher(group, alpha, shared, 'encrypt')
  return JSON.stringify({ algorithm: 'AES-GCM', alpha, beta: group.encode(group.multiply(group.power(key, r), shared)),
    data: hexOf(new Uint8Array(await run(bytesOf(text)))) })
}

async function decrypt(group, secret, text) {
  const { algorithm, alpha, beta, data } = JSON.parse(text)
  if (algorithm !== 'AES-GCM') throw new Error('unknown cipher')
  const shared = group.divide(group.decode(beta), group.power(group.decode(alpha), secret))
  const run = await cipher(group, alpha, shared, 'decrypt')
  return textOf(await run(bytesOfHex(data)))
}

// The text of an encrypted_msg to the holder of RECIPIENT's secret.
export function send(group, signingSecret, recipient, message) {
  return encrypt(group, recipient, JSON.stringify(sign(group, signingSecret, JSON.stringify({ recipient: group.encode(recipient), message }))))
}

// The message, after it is seen that SENDER signed it for me.
export async function receive(group, mine, sender, text) {
  const { message, signature: proof } = JSON.parse(await decrypt(group, mine, text))
  if (!isSignedBy(group, sender, message, proof)) throw new Error('not signed by its sender')
  const inside = JSON.parse(message)
  if (inside.recipient !== group.encode(group.powerMade(mine))) throw new Error('for somebody else')
  return inside.message
}
