// web/vote/trustee.js -- one of those who open the box together: seed, certificate, shares, the own part of the key, the own part of
// the decryption. Steps 1, 3 and 5 of the ceremony, as belenios-tool (3.0 on) writes them. Errors say whose part is wrong:
// Blamed.index, counting from 1.
import { hashOf, numberOf } from './bytes.js'
import { isSignedBy, receive, send, sign, signature } from './channel.js'
import { CODE_LENGTH, codesMeant, groupLetters, randomLetters } from './credential.js'
import { randomScalar, reduce, scalarOf } from './group.js'
import { challengeOf, check, proofOf, prove } from './proof.js'

export class Blamed extends Error {
  constructor(index, what) {
    super(what)
    this.index = index
  }
}

export const randomSeed = () => randomLetters(CODE_LENGTH)

// Shown in groups, as codes are; the text that counts is without.
export const groupSeed = seed => groupLetters(seed).replace(/-/g, ' ')

// Of the seeds that may have been meant by what was typed, the one that made CERTIFICATE.
export function seedMeant(group, typed, certificate) {
  const { verification } = JSON.parse(certificate.message)
  const made = seed => group.encode(group.powerMade(keysOf(group, seed).signing))
  return codesMeant(typed).map(code => code.replace(/-/g, '')).find(seed => made(seed) === verification)
}

export function keysOf(group, seed) {
  const of = what => numberOf(hashOf(`${what}|${seed}`)) % group.q
  return { signing: of('sk'), opening: of('dk') }
}

// --- step 1 ---

// CONTEXT: {size, threshold, index}
export function certify(group, seed, { size, threshold, index }) {
  const keys = keysOf(group, seed)
  return sign(group, keys.signing, certificateOf(group, { size, threshold, index }, group.encode(group.powerMade(keys.signing)),
    group.encode(group.powerMade(keys.opening))))
}

// The only bytes in which it may be written: all trustees sign them once more, and programs must not differ about them.
const certificateOf = (group, { size, threshold, index }, verification, encryption) =>
  JSON.stringify({ context: { group: group.name, size, threshold, index }, verification, encryption })

const hasFields = (object, ...names) => Object.keys(object).sort().join() === names.sort().join()

function readSigned(envelope) {
  if (!hasFields(envelope, 'message', 'signature')) throw new Error('its form')
  return JSON.parse(envelope.message)
}

// Every certificate is whole and in its place, with keys that are its sender's alone: anybody could sign for the neutral one.
// [{verification, encryption}]
function readSet(group, certificates, { size, threshold }, look = () => {}) {
  if (certificates.length !== size) throw new Error('a certificate is missing')
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > size) throw new Error('the number of those who are needed')
  const all = []
  for (const [at, one] of certificates.entries()) {
    try {
      const said = readSigned(one)
      const context = said.context
      if (context.group !== group.name || context.size !== size || context.threshold !== threshold || context.index !== at + 1)
        throw new Error('its context')
      if (one.message !== certificateOf(group, context, said.verification, said.encryption)) throw new Error('its form')
      const [verification, encryption] = [group.decode(said.verification), group.decode(said.encryption)]
      if ([verification, encryption].some(key => group.equal(key, group.neutral)) || group.equal(verification, encryption)) throw new Error('its keys')
      if (!isSignedBy(group, verification, one.message, one.signature)) throw new Error('its signature')
      if (all.some(other => group.equal(other.verification, verification) || group.equal(other.encryption, encryption)))
        throw new Error("another's keys")
      look(verification, encryption, at + 1)
      all.push({ verification, encryption })
    } catch (error) {
      throw new Blamed(at + 1, `certificate ${at + 1}: ${error.message}`)
    }
  }
  return all
}

// Step 2: and in my place, there alone, is the one I made.
export function readCertificates(group, seed, certificates, context) {
  const own = keysOf(group, seed)
  return readSet(group, certificates, context, (verification, encryption, at) => {
    const isMine = group.equal(verification, group.powerMade(own.signing)) && group.equal(encryption, group.powerMade(own.opening))
    if (isMine !== (at === context.index)) throw new Error(isMine ? 'it is mine' : 'it is not mine')
  })
}

const plainCertificate = ({ message, signature: { challenge, response } }) => ({ message, signature: { challenge, response } })

const certsText = certificates => JSON.stringify(certificates.map(plainCertificate))

const COMPARE_ROUNDS = 65536, COMPARE_DIGITS = 28, TALLY_DIGITS = 16

// All trustees see the same digits and read them out over the telephone; they differ when somebody has exchanged a certificate on the
// way. Whoever shows different trustees different certificates may choose on both sides: half the digits would be enough to find two
// sets that look alike. Hence so many, and a hash that takes its time.
export const compareCode = certificates => digitsOf(`gongzhi|compare|${certsText(certificates)}`, COMPARE_DIGITS)

// What trustees compare before they open: that it is the same sum. Fewer digits are enough, since each opens one sum and no other.
export const tallyCode = tally => digitsOf(`gongzhi|tally|${tally}`, TALLY_DIGITS)

function digitsOf(text, digits) {
  let hash = hashOf(text)
  for (let i = 0; i < COMPARE_ROUNDS; i++) hash = hashOf(hash)
  return (numberOf(hash) % 10n ** BigInt(digits)).toString().padStart(digits, '0').replace(/(.{4})(?=.)/g, '$1 ')
}

// --- step 3 ---

const certsMessage = (certificates, coefexps) => 'certs_sig|' + JSON.stringify({ certs: certificates.map(plainCertificate), coefexps })

// Share of the polynomial for trustee J.
const shareOf = (group, coefficients, j) => coefficients.reduceRight((sum, one) => reduce(group, sum * BigInt(j) + one), 0n)

// The coefficients are drawn unless a test has GIVEN them.
export async function polynomial(group, seed, certificates, context, given) {
  const coefficients = given ?? Array.from({ length: context.threshold }, () => randomScalar(group))
  const keys = keysOf(group, seed)
  const others = readCertificates(group, seed, certificates, context)
  const coefexps = coefficients.map(one => group.encode(group.powerMade(one)))
  const secrets = []
  for (const [at, other] of others.entries())
    secrets.push(await send(group, keys.signing, other.encryption, JSON.stringify({ secret: shareOf(group, coefficients, at + 1).toString() })))
  return {
    polynomial: await send(group, keys.signing, others[context.index - 1].encryption,
      JSON.stringify({ polynomial: coefficients.map(String) })),
    secrets,
    coefexps: sign(group, keys.signing, JSON.stringify({ coefexps })),
    signature: signature(group, keys.signing, certsMessage(certificates, coefexps)),
  }
}

// --- step 5 ---

// g^f(j) from the published A_k = g^a_k.
function publicShare(group, elements, j) {
  return elements.reduceRight((made, one) => group.multiply(group.powerPublic(made, BigInt(j)), one), group.neutral)
}

function readCoefexps(group, vinput, certificates, who, threshold) {
  return vinput.coefexps.map((one, at) => {
    try {
      if (!isSignedBy(group, who[at].verification, one.message, one.signature)) throw new Error('their signature')
      const said = readSigned(one), texts = said.coefexps
      if (!hasFields(said, 'coefexps') || !Array.isArray(texts) || texts.length !== threshold) throw new Error('their number')
      const elements = texts.map(group.decode)
      if (!isSignedBy(group, who[at].verification, certsMessage(certificates, texts), vinput.signatures[at]))
        throw new Error('the signature of the certificates')
      return elements
    } catch (error) {
      throw new Blamed(at + 1, `coefficients of ${at + 1}: ${error.message}`)
    }
  })
}

function publishedSet(trustees) {
  const list = JSON.parse(trustees)
  if (list.length !== 1 || list[0].length !== 2 || list[0][0] !== 'Pedersen') throw new Error('not one set of trustees')
  return list[0][1]
}

// The published set, as it stands in trustees.json and in the election: each certificate, coefficient, signature and key holds, and the
// election's key is theirs. The number to compare with the one that was read out over the telephone. OWN: {certificates, index, seed},
// those that I have seen before, and my own, whose place it must be; each as far as it is known.
export function readPublished(election, trustees, own = {}) {
  const { group } = election
  const { threshold, certs, coefexps, signatures, verification_keys: keys } = publishedSet(trustees)
  const context = { size: certs.length, threshold, index: own.index }
  const who = own.seed ? readCertificates(group, own.seed, certs, context) : readSet(group, certs, context)
  if (own.certificates && certsText(own.certificates) !== certsText(certs)) throw new Error('other certificates than I have seen')
  for (const part of [coefexps, signatures, keys]) if (part.length !== certs.length) throw new Error('a part is missing')
  const elements = readCoefexps(group, { coefexps, signatures }, certs, who, threshold)
  keys.forEach(({ pok, public_key: text, signature: proof }, at) => {
    const key = group.decode(text)
    if (group.equal(key, group.neutral)) throw new Blamed(at + 1, `key of ${at + 1}: nobody's`)
    const made = elements.reduce((all, one) => group.multiply(all, publicShare(group, one, at + 1)), group.neutral)
    if (!group.equal(made, key) || !check(group, `pok|${group.name}|${text}|`, key, pok) || !isSignedBy(group, who[at].verification, text, proof))
      throw new Blamed(at + 1, `key of ${at + 1}`)
  })
  if (!group.equal(elements.map(one => one[0]).reduce(group.multiply), election.key)) throw new Error('the key of the election is not theirs')
  return compareCode(certs)
}

// The seed opens my part of the published set and no other's: in my place stand what I made and the key that I hold.
export function checkMine(group, trustees, seed, index, verificationKey) {
  const { threshold, certs, verification_keys: keys } = publishedSet(trustees)
  readCertificates(group, seed, certs, { size: certs.length, threshold, index })
  if (keys[index - 1].public_key !== verificationKey) throw new Error('another key in my place')
}

// {voutput, verificationKey}; VINPUT: what the others have sent, routed by the server and believed only after these checks.
export async function finish(group, seed, certificates, vinput, context) {
  const { size, threshold, index } = context
  const keys = keysOf(group, seed)
  const who = readCertificates(group, seed, certificates, context)
  for (const list of [vinput.secrets, vinput.coefexps, vinput.signatures])
    if (!Array.isArray(list) || list.length !== size) throw new Error('a part is missing')
  const coefexps = readCoefexps(group, vinput, certificates, who, threshold)
  const own = JSON.parse(await receive(group, keys.opening, who[index - 1].verification, vinput.polynomial)).polynomial
  if (own.length !== threshold || own.some((one, k) => !group.equal(group.powerMade(scalarOf(group, one)), coefexps[index - 1][k])))
    throw new Blamed(index, 'my own coefficients were exchanged')
  let sum = 0n
  for (const [at, text] of vinput.secrets.entries()) {
    try {
      const share = scalarOf(group, JSON.parse(await receive(group, keys.opening, who[at].verification, text)).secret)
      if (!group.equal(group.powerMade(share), publicShare(group, coefexps[at], index))) throw new Error('it does not fit what was published')
      sum = reduce(group, sum + share)
    } catch (error) {
      throw new Blamed(at + 1, `share of ${at + 1}: ${error.message}`)
    }
  }
  const text = group.encode(group.powerMade(sum))
  const public_key = { pok: prove(group, `pok|${group.name}|${text}|`, sum), public_key: text, signature: signature(group, keys.signing, text) }
  const private_key = await send(group, keys.signing, who[index - 1].encryption, JSON.stringify({ decryption_key: sum.toString() }))
  return { verificationKey: text, voutput: { private_key, public_key } }
}

// --- decryption ---

// The own part of the key, out of the text the server has kept. VERIFICATION_KEY: the public side that everybody knows.
export async function ownPart(group, seed, privateKey, verificationKey) {
  const keys = keysOf(group, seed)
  const said = JSON.parse(await receive(group, keys.opening, group.powerMade(keys.signing), privateKey)).decryption_key
  const part = reduce(group, BigInt(said)) // tool 2.0 writes the sum unreduced
  if (group.encode(group.powerMade(part)) !== verificationKey) throw new Error('not the key of this ballot')
  return part
}

// A partial_decryption of TALLY ([[{alpha, beta}]]). TELL(done, all) after each.
export async function decryptPart(group, fingerprint, part, tally, tell = () => {}) {
  const prefix = `decrypt|${fingerprint}|${group.encode(group.powerMade(part))}|`
  const all = tally.reduce((sum, row) => sum + row.length, 0)
  let done = 0
  const made = []
  for (const row of tally) {
    made.push([])
    for (const { alpha } of row) {
      const element = group.decode(alpha)
      const w = randomScalar(group)
      const challenge = challengeOf(group, prefix, [group.powerMade(w), group.power(element, w)])
      made[made.length - 1].push({ factor: group.encode(group.power(element, part)), proof: proofOf(challenge, reduce(group, w - part * challenge)) })
      await tell(++done, all)
    }
  }
  return { decryption_factors: made.map(row => row.map(one => one.factor)), decryption_proofs: made.map(row => row.map(one => one.proof)) }
}
