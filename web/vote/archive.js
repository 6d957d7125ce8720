// web/vote/archive.js -- what a trustee's device looks at before it helps to open: the public archive of the ballot, whole. Whoever
// was given anything else to open than the sum of all ballots could be made to open a single voter's.
// Stricter is `gongzhi verify election`; this holds the chain of events, each ballot's signature and proofs, and the sum; the
// trustees' set is readPublished()'s, in trustee.js.
import { base64Of, hashOf, hexOf, textOf } from './bytes.js'
import { readElection } from './election.js'
import { prepare } from './ballot.js'
import { reduce } from './group.js'
import { challengeOf, check, readProof } from './proof.js'

const BLOCK = 512

export class Wrong extends Error {}

const hold = (holds, what) => { if (!holds) throw new Wrong(what) }

// Each member's name, hash and text, in order.
function members(bytes) {
  const all = []
  for (let at = 0; at < bytes.length;) {
    hold(at + BLOCK <= bytes.length, 'it is cut off')
    const field = (from, to) => textOf(bytes.subarray(at + from, at + to)).replace(/\0[^]*$/, '')
    const [name, size] = [field(0, 100), parseInt(field(124, 135), 8)]
    const body = bytes.subarray(at + BLOCK, at + BLOCK + size)
    hold(size >= 0 && body.length === size, 'it is cut off')
    const hash = hexOf(hashOf(body))
    hold(at === 0 ? name === 'BELENIOS' : name === `${hash}.data.json` || name === `${hash}.event.json`, `${name} is not what its name says`)
    all.push({ isEvent: name.endsWith('.event.json'), hash, text: textOf(body) })
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return all.slice(1)
}

// [{type, payload (text)}] with every one holding on to the one before, and the hash of the last.
function events(all) {
  const data = new Map(all.filter(one => !one.isEvent).map(one => [one.hash, one.text]))
  let parent
  const list = all.filter(one => one.isEvent).map(({ text, hash }, height) => {
    const { type, payload } = JSON.parse(text)
    const canonical = JSON.stringify({ ...(height ? { parent } : {}), height, type, ...(payload === undefined ? {} : { payload }) })
    hold(text === canonical, `event ${height} does not follow on the one before`)
    hold(payload === undefined || data.has(payload), `event ${height} lacks its content`)
    parent = hash
    return { type, payload: data.get(payload) }
  })
  return { list, data, head: parent }
}

// --- one ballot ---

// STATEMENTS: [{alpha, beta}] with beta already divided by g^M; their proofs' challenges sum up to the hash.
function checkOne(election, prefix, statements, proofs) {
  const { group, powerKey } = election
  hold(Array.isArray(proofs) && proofs.length === statements.length, 'number of proofs')
  let sum = 0n
  const commitments = statements.flatMap(({ alpha, beta }, at) => {
    const [challenge, response] = readProof(group, proofs[at])
    sum = reduce(group, sum + challenge)
    return [group.multiply(group.powerMade(response), group.powerPublic(alpha, challenge)),
      group.multiply(powerKey(response), group.powerPublic(beta, challenge))]
  })
  hold(challengeOf(group, prefix, commitments) === sum, 'a proof')
}

function checkAnswer(election, context, question, answer) {
  const { group } = election
  const less = (one, number) => ({ alpha: one.alpha, beta: group.divide(one.beta, group.powerMade(BigInt(number))) })
  const length = question.answers.length + (question.blank ? 1 : 0)
  hold(answer.choices.length === length && answer.individual_proofs.length === length, 'number of answers')
  const choices = answer.choices.map(({ alpha, beta }) => ({ alpha: group.decode(alpha), beta: group.decode(beta) }))
  const pair = one => `${one.alpha},${one.beta}`
  choices.forEach((one, at) => checkOne(election, `prove|${context}|${pair(answer.choices[at])}|`, [one, less(one, 1)], answer.individual_proofs[at]))
  const whole = `${context}|${answer.choices.map(pair).join(',')}`
  const both = (a, b) => ({ alpha: group.multiply(a.alpha, b.alpha), beta: group.multiply(a.beta, b.beta) })
  const sum = choices.slice(question.blank ? 1 : 0).reduce(both)
  const sums = Array.from({ length: question.max - question.min + 1 }, (_, at) => less(sum, question.min + at))
  if (!question.blank) {
    hold(answer.blank_proof === undefined, 'a proof too many')
    return checkOne(election, `prove|${whole}|${group.encode(sum.alpha)},${group.encode(sum.beta)}|`, sums, answer.overall_proof)
  }
  checkOne(election, `bproof1|${whole}|`, [less(choices[0], 1), ...sums], answer.overall_proof)
  checkOne(election, `bproof0|${whole}|`, [choices[0], sum], answer.blank_proof)
}

// The ballot as an object, when it holds.
export function checkBallot(election, credentials, text) {
  const { group } = election
  const ballot = JSON.parse(text)
  const { election_uuid, election_hash, credential, answers, signature } = ballot
  hold(text === JSON.stringify({ election_uuid, election_hash, credential, answers, signature }), 'its form')
  hold(election_uuid === election.uuid && election_hash === election.fingerprint, 'another election')
  hold(credentials.has(credential) && !group.equal(group.decode(credential), group.neutral), 'a code that is not on the list')
  const hash = base64Of(hashOf(JSON.stringify({ election_uuid, election_hash, credential, answers })))
  hold(signature.hash === hash && check(group, `sig|${hash}|`, group.decode(credential), signature.proof), 'its signature')
  hold(answers.length === election.questions.length, 'number of questions')
  election.questions.forEach((question, at) => checkAnswer(election, `${election_hash}|${credential}`, question, answers[at]))
  return ballot
}

// --- the whole ---

// BYTES of an archive that has been closed. {election, trustees (text), tally (text), counted, ballots, head}; throws Wrong.
// TELL(done, all) after each ballot.
export async function checkArchive(bytes, tell = () => {}) {
  const { list, data, head } = events(members(bytes))
  const types = list.map(one => one.type)
  hold(/^Setup( Ballot)* EndBallots EncryptedTally( PartialDecryption)*( Result)?$/.test(types.join(' ')), 'the order of its events')
  const setup = JSON.parse(list[0].payload)
  const election = readElection(data.get(setup.election))
  const listed = JSON.parse(data.get(setup.credentials))
  const credentials = new Set(listed)
  hold(credentials.size === listed.length && listed.every(one => !one.includes(',')), 'the list of codes')
  const ballots = list.filter(one => one.type === 'Ballot').map(one => one.payload)
  hold(new Set(ballots).size === ballots.length, 'a ballot stands twice')
  prepare(election)
  const last = new Map()
  for (const [at, text] of ballots.entries()) {
    try {
      const ballot = checkBallot(election, credentials, text)
      last.set(ballot.credential, ballot)
    } catch (error) {
      throw new Wrong(`ballot ${at + 1}: ${error.message}`)
    }
    await tell(at + 1, ballots.length)
  }
  const { group } = election
  const neutral = { alpha: group.neutral, beta: group.neutral }
  const tally = JSON.stringify(election.questions.map((question, q) =>
    Array.from({ length: question.answers.length + (question.blank ? 1 : 0) }, (_, c) => {
      const sum = [...last.values()].map(one => one.answers[q].choices[c]).reduce((made, { alpha, beta }) =>
        ({ alpha: group.multiply(made.alpha, group.decode(alpha)), beta: group.multiply(made.beta, group.decode(beta)) }), neutral)
      return { alpha: group.encode(sum.alpha), beta: group.encode(sum.beta) }
    })))
  const sized = JSON.parse(list.find(one => one.type === 'EncryptedTally').payload)
  const isSum = sized.encrypted_tally === hexOf(hashOf(tally)) && sized.num_tallied === last.size && sized.total_weight === last.size
  hold(isSum, 'the sum is not that of the ballots')
  return { election, trustees: data.get(setup.trustees), tally, counted: last.size, ballots: ballots.length, head }
}
