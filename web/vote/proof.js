// web/vote/proof.js -- proofs of knowledge as Belenios writes them: {challenge, response}, decimal, with response = w − x·challenge.
// DRAW gives a random number at each call: randomScalar() of group.js, except where a ballot must be made again from its seed.
import { hashScalar, randomScalar, reduce, scalarOf } from './group.js'

export const proofOf = (challenge, response) => ({ challenge: challenge.toString(), response: response.toString() })

export const challengeOf = (group, prefix, elements) => hashScalar(group, prefix + elements.map(group.encode).join(','))

// That I know x where the public side is generator^x.
export function prove(group, prefix, x, draw = () => randomScalar(group)) {
  const w = draw()
  const challenge = challengeOf(group, prefix, [group.powerMade(w)])
  return proofOf(challenge, reduce(group, w - x * challenge))
}

// [challenge, response] of a proof as it is written: these two, in this order.
export function readProof(group, proof) {
  if (Object.keys(proof).join() !== 'challenge,response') throw new Error('not a proof')
  return [scalarOf(group, proof.challenge), scalarOf(group, proof.response)]
}

export function check(group, prefix, element, proof) {
  const [challenge, response] = readProof(group, proof)
  const commitment = group.multiply(group.powerMade(response), group.powerPublic(element, challenge))
  return challengeOf(group, prefix, [commitment]) === challenge
}

// --- one of several statements about (alpha, beta) holds; nobody learns which ---
//
// A statement: {r, off}: alpha = g^r and beta = y^r · g^off, where the statement says that off is 0. Who made alpha and beta knows r
// and off, so the commitments of the statements that are false are powers of g and y alone, and both have tables.
// TRUE: the position of the true statement. POWER_KEY: power of the election's key y.
export function proveOne(group, prefix, statements, which, powerKey, draw) {
  const w = draw()
  const made = statements.map((statement, at) => {
    if (at === which) return { commitments: [group.powerMade(w), powerKey(w)] }
    const [challenge, response] = [draw(), draw()]
    const both = reduce(group, response + statement.r * challenge)
    return {
      challenge, response,
      commitments: [group.powerMade(both), group.multiply(powerKey(both), group.powerMade(reduce(group, statement.off * challenge)))],
    }
  })
  const all = challengeOf(group, prefix, made.flatMap(one => one.commitments))
  const others = made.reduce((sum, one) => sum + (one.challenge ?? 0n), 0n)
  const challenge = reduce(group, all - others)
  Object.assign(made[which], { challenge, response: reduce(group, w - statements[which].r * challenge) })
  return made.map(one => proofOf(one.challenge, one.response))
}
