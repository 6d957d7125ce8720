// web/vote/ballot.js -- a choice becomes a sealed ballot: encrypted, with the proofs that it is well formed, signed; its tracker.
// Everything in it follows from the election, the choice, the voter's secret number and the seed of its draws.
import { base64Of, base64urlOf, bytesOfBase64url, bytesOfNumber, hashOf, numberOf, randomBytes } from './bytes.js'
import { mayChoose } from './election.js'
import { drawsOf, reduce } from './group.js'
import { check, prove, proofOf, proveOne } from './proof.js'

const SEED_SIZE = 32

// What can be done before anything is chosen: the tables of generator and key.
export function prepare(election) {
  election.group.ready()
  election.powerKey ??= election.group.table(election.key).power
}

// One question's answer. CONTEXT: fingerprint and credential. BITS: 0 and 1.
export function sealAnswer(election, context, question, bits, draw) {
  const { group, powerKey } = election
  const rs = bits.map(() => draw())
  const choices = bits.map((bit, at) => {
    const masked = powerKey(rs[at])
    return { alpha: group.powerMade(rs[at]), beta: bit ? group.multiply(masked, group.generator) : masked }
  })
  const texts = choices.map(one => ({ alpha: group.encode(one.alpha), beta: group.encode(one.beta) }))
  const pair = text => `${text.alpha},${text.beta}`
  const is = (r, has, says) => ({ r, off: BigInt(has - says) })
  const prefixOf = (whole, text) => `prove|${whole}|${pair(text)}|`

  const individual_proofs = bits.map((bit, at) =>
    proveOne(group, prefixOf(context, texts[at]), [is(rs[at], bit, 0), is(rs[at], bit, 1)], bit, powerKey, draw))

  const whole = `${context}|${texts.map(pair).join(',')}`
  const from = question.blank ? 1 : 0
  const sum = bits.slice(from).reduce((all, bit) => all + bit, 0)
  const r = reduce(group, rs.slice(from).reduce((all, one) => all + one, 0n))
  const sums = Array.from({ length: question.max - question.min + 1 }, (_, at) => is(r, sum, question.min + at))
  if (!question.blank) {
    const all = choices.reduce((made, one) => ({ alpha: group.multiply(made.alpha, one.alpha), beta: group.multiply(made.beta, one.beta) }))
    const text = { alpha: group.encode(all.alpha), beta: group.encode(all.beta) }
    const overall_proof = proveOne(group, prefixOf(whole, text), sums, sum - question.min, powerKey, draw)
    return { choices: texts, individual_proofs, overall_proof }
  }
  const isBlank = bits[0] === 1
  const overall_proof = proveOne(group, `bproof1|${whole}|`, [is(rs[0], bits[0], 1), ...sums], isBlank ? 0 : 1 + sum - question.min, powerKey, draw)
  const blank_proof = proveOne(group, `bproof0|${whole}|`, [is(rs[0], bits[0], 0), is(r, sum, 0)], isBlank ? 1 : 0, powerKey, draw)
  return { choices: texts, individual_proofs, overall_proof, blank_proof }
}

export const trackerOf = ballot => base64Of(hashOf(ballot))

const unsignedOf = (election, credential, answers) =>
  ({ election_uuid: election.uuid, election_hash: election.fingerprint, credential, answers })

const signaturePrefix = hash => `sig|${hash}|`

function sealAnswers(election, credential, choice, draw) {
  if (!mayChoose(election, choice)) throw new Error('not a choice of this election')
  prepare(election)
  const context = `${election.fingerprint}|${credential}`
  return election.questions.map((question, at) => sealAnswer(election, context, question, choice[at], draw))
}

// {ballot, tracker, opening}: the ballot's text, the number under which it is listed, and what opens it on a second device.
// SECRET: secretOf() the voter's code.
export function seal(election, secret, choice, seed = randomBytes(SEED_SIZE)) {
  const { group } = election
  const credential = group.encode(group.powerMade(secret))
  const answers = sealAnswers(election, credential, choice, drawsOf(group, seed))
  const unsigned = unsignedOf(election, credential, answers)
  const hash = base64Of(hashOf(JSON.stringify(unsigned)))
  const proof = prove(group, signaturePrefix(hash), secret) // by chance of its own: the seed may become known
  const ballot = JSON.stringify({ ...unsigned, signature: { hash, proof } })
  return { ballot, tracker: trackerOf(ballot), opening: openingOf(group, seed, choice, credential, proof) }
}

// --- opening a ballot that will not be cast, to look whether it holds what was chosen ---

function openingOf(group, seed, choice, credential, proof) {
  const number = text => base64urlOf(bytesOfNumber(BigInt(text), 32))
  return [base64urlOf(seed), choice.map(bits => bits.join('')).join('_'), base64urlOf(group.pack(group.decode(credential))),
    number(proof.challenge), number(proof.response)].join('.')
}

// {choice, tracker} of the ballot that OPENING opens, made again from the beginning; throws when it is no opening of this election's.
export function open(election, opening) {
  const { group } = election
  const parts = opening.split('.')
  if (parts.length !== 5) throw new Error('not an opening')
  const seed = bytesOfBase64url(parts[0])
  if (seed.length !== SEED_SIZE || !/^[01_]+$/.test(parts[1])) throw new Error('not an opening')
  const choice = parts[1].split('_').map(bits => Array.from(bits, Number))
  const element = group.unpack(bytesOfBase64url(parts[2]))
  const credential = group.encode(element)
  const proof = proofOf(numberOf(bytesOfBase64url(parts[3])), numberOf(bytesOfBase64url(parts[4])))
  const unsigned = unsignedOf(election, credential, sealAnswers(election, credential, choice, drawsOf(group, seed)))
  const hash = base64Of(hashOf(JSON.stringify(unsigned)))
  if (!check(group, signaturePrefix(hash), element, proof)) throw new Error('not an opening of this ballot')
  return { choice, tracker: trackerOf(JSON.stringify({ ...unsigned, signature: { hash, proof } })) }
}
