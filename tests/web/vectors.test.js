// web/vote against the worked examples in tests/vectors/belenios/unit: every formula, byte for byte.
import test from 'node:test'
import assert from 'node:assert/strict'
import { drawOf, drawsFrom, units } from './lib.js'
import { base64Of, hashOf, hexOf } from '../../web/vote/bytes.js'
import { groupOf, hashScalar, reduce, scalarOf } from '../../web/vote/group.js'
import { challengeOf, check, prove, proofOf } from '../../web/vote/proof.js'
import { codesMeant, isMeant, lookAt, publicOf, secretOf } from '../../web/vote/credential.js'
import { readElection } from '../../web/vote/election.js'
import { prepare, sealAnswer, trackerOf } from '../../web/vote/ballot.js'
import { certify, keysOf, polynomial } from '../../web/vote/trustee.js'
import { sign, signature } from '../../web/vote/channel.js'

for (const unit of units) {
  const group = groupOf(unit.group)
  const of = text => group.decode(text)

  test(`${unit.group}: arithmetic`, () => {
    const { a, b, ...said } = unit.arithmetic
    const [x, y] = [BigInt(a), BigInt(b)]
    const [left, right] = [group.powerMade(x), group.powerMade(y)]
    assert.equal(group.q, BigInt(unit.q))
    assert.equal(group.encode(group.generator), unit.g)
    assert.equal(group.encode(group.neutral), unit.neutral)
    assert.equal(group.encode(left), said.g_pow_a)
    assert.equal(group.encode(group.multiply(left, right)), said.product)
    assert.equal(group.encode(group.divide(left, right)), said.quotient)
    assert.equal(group.encode(group.divide(group.neutral, left)), said.inverse_of_g_pow_a)
    for (const power of [group.power, group.powerPublic, (one, by) => group.table(one).power(by)]) {
      assert.equal(group.encode(power(left, y)), said.g_pow_a_pow_b)
      assert.equal(group.encode(power(group.generator, x)), said.g_pow_a)
      assert.equal(group.encode(power(left, 0n)), unit.neutral)
      assert.equal(group.encode(power(group.neutral, y)), unit.neutral)
    }
    assert.equal(reduce(group, x + y).toString(), said.a_plus_b)
    assert.equal(reduce(group, x * y).toString(), said.a_times_b)
    assert.equal(reduce(group, x - y).toString(), said.a_minus_b)
    assert.equal(group.encode(group.powerMade(group.q - 1n)), said.g_pow_minus_1)
    said.g_pow_small.forEach((text, at) => assert.equal(group.encode(group.powerMade(BigInt(at))), text))
    assert.equal(group.encode(group.unpack(group.pack(left))), said.g_pow_a)
  })

  test(`${unit.group}: what is no element and no number is refused`, () => {
    for (const { text, why } of unit.not_acceptable_as_element) assert.throws(() => group.decode(text), undefined, why)
    for (const bad of unit.scalar_not_acceptable) assert.throws(() => scalarOf(group, bad.text ?? bad), undefined, JSON.stringify(bad))
    for (const text of [unit.g, unit.neutral, unit.arithmetic.product]) assert.equal(group.encode(of(text)), text)
  })

  test(`${unit.group}: hashes to numbers`, () => {
    for (const one of unit.hash_to_scalar) {
      assert.equal(hexOf(hashOf(one.hashed_string)), one.sha256)
      assert.equal(challengeOf(group, one.prefix, one.elements.map(of)).toString(), one.scalar)
      assert.equal(hashScalar(group, one.hashed_string).toString(), one.scalar)
    }
  })

  test(`${unit.group}: codes`, () => {
    const { uuid, list } = unit.credentials
    const ours = list.filter(one => one.format === '22')
    assert.ok(ours.length)
    for (const one of ours) {
      assert.equal(secretOf(group, uuid, one.private).toString(), one.secret_exponent)
      assert.equal(publicOf(group, uuid, one.private), one.public)
      const letters = one.private.replace(/-/g, '')
      for (const typed of [letters, ` ${one.private} `, letters.replace(/(.{4})/g, '$1 '), one.private.replace(/-/g, '—')]) {
        assert.ok(lookAt(typed).isWhole, typed)
        assert.ok(codesMeant(typed).includes(one.private), typed)
      }
    }
  })

  test(`${unit.group}: proof of possession`, () => {
    const { x, w, trustee } = unit.proof_of_possession
    const prefix = `pok|${unit.group}|${trustee.public_key}|`
    const proof = prove(group, prefix, BigInt(x), drawsFrom([w]))
    assert.deepEqual(proof, trustee.pok)
    assert.ok(check(group, prefix, of(trustee.public_key), proof))
    assert.ok(!check(group, prefix, of(trustee.public_key), { ...proof, response: reduce(group, BigInt(proof.response) + 1n).toString() }))
    assert.ok(!check(group, 'pok|other|', of(trustee.public_key), proof))
  })

  // Recorded randomness, in the order in which sealAnswer() draws. A false statement's challenge and response are its draws.
  const drawsOfProof = (proof, which, w) => [w, ...proof.flatMap((one, at) => at === which ? [] : [one.challenge, one.response])]

  test(`${unit.group}: an answer without blank, with all proofs`, () => {
    const election = readElection(unit.election.raw)
    const said = unit.answer_without_blank
    prepare(election)
    const draws = drawsFrom([...said.individual.map(one => one.randomness_r),
      ...said.individual.flatMap(one => drawsOfProof(one.proof, one.true_disjunct, one.w)),
      ...drawsOfProof(said.overall.proof, said.overall.true_disjunct, said.overall.w)])
    const answer = sealAnswer(election, unit.election.S0, election.questions[0], said.plaintext, draws)
    assert.equal(JSON.stringify(answer), JSON.stringify(said.answer))
    assert.deepEqual(draws.left, [])
  })

  for (const name of ['answer_with_blank_not_blank', 'answer_with_blank_blank']) test(`${unit.group}: ${name}`, () => {
    const election = readElection(unit.election.raw)
    const question = election.questions.find(one => one.blank)
    const { plaintext, r, answer } = unit[name]
    prepare(election)
    const rs = r.map(BigInt), sumR = rs.slice(1).reduce((a, b) => a + b), sum = plaintext.slice(1).reduce((a, b) => a + b)
    const drawsOfBranch = (proof, which, x) => drawsOfProof(proof, which, drawOf(group, proof[which], x))
    const which = plaintext[0] ? 0 : 1 + sum - question.min
    const draws = drawsFrom([...r, ...answer.individual_proofs.flatMap((proof, at) => drawsOfBranch(proof, plaintext[at], rs[at])),
      ...drawsOfBranch(answer.overall_proof, which, which ? sumR : rs[0]),
      ...drawsOfBranch(answer.blank_proof, plaintext[0] ? 1 : 0, plaintext[0] ? sumR : rs[0])])
    assert.equal(JSON.stringify(sealAnswer(election, unit.election.S0, question, plaintext, draws)), JSON.stringify(answer))
    assert.deepEqual(draws.left, [])
  })

  test(`${unit.group}: a ballot's signature and tracker`, () => {
    const { secret_exponent, unsigned, unsigned_hash_base64: hash, w, signed, tracker } = unit.ballot
    assert.equal(readElection(unit.election.raw).fingerprint, unit.election.fingerprint)
    assert.equal(base64Of(hashOf(unsigned)), hash)
    const proof = prove(group, `sig|${hash}|`, BigInt(secret_exponent), drawsFrom([w]))
    assert.equal(JSON.stringify({ ...JSON.parse(unsigned), signature: { hash, proof } }), signed)
    assert.equal(trackerOf(signed), tracker)
  })

  test(`${unit.group}: a decryption`, () => {
    const { alpha, x, w, hashed_string, factor, proof } = unit.partial_decryption
    const prefix = hashed_string.slice(0, hashed_string.lastIndexOf('|') + 1)
    const challenge = challengeOf(group, prefix, [group.powerMade(BigInt(w)), group.power(of(alpha), BigInt(w))])
    assert.equal(group.encode(group.power(of(alpha), BigInt(x))), factor)
    assert.deepEqual(proofOf(challenge, reduce(group, BigInt(w) - BigInt(x) * challenge)), proof)
  })

  test(`${unit.group}: the ceremony's published parts`, async () => {
    const said = unit.threshold_ceremony
    const { certs, coefexps, signatures, verification_keys: keys, threshold } = said.threshold_parameters
    for (const [at, seed] of said.seeds.entries()) {
      const { signing, opening } = keysOf(group, seed)
      assert.equal(signing.toString(), said.signing_keys[at])
      assert.equal(opening.toString(), said.decryption_keys[at])
      const context = { size: 3, threshold, index: at + 1 }
      assert.equal(certify(group, seed, context).message, certs[at].message)
      assert.ok(group.equal(group.powerMade(signing), of(JSON.parse(certs[at].message).verification)))
      const made = await polynomial(group, seed, certs, context, said.polynomials[at].map(BigInt))
      assert.equal(made.coefexps.message, coefexps[at].message)
      // what is recorded was signed by the same text: its signature holds, as ours does
      const texts = JSON.parse(coefexps[at].message).coefexps
      const text = 'certs_sig|' + JSON.stringify({ certs, coefexps: texts })
      if (at === 0) {
        assert.equal(hexOf(hashOf(text)), said.certs_sig_string_of_trustee_1_sha256)
        assert.equal(text.length, said.certs_sig_string_of_trustee_1_length)
      }
      const verification = group.powerMade(signing)
      for (const proof of [signatures[at], made.signature, signature(group, signing, text)])
        assert.ok(check(group, `sigmsg|${text}|`, verification, proof))
      assert.deepEqual(sign(group, signing, certs[at].message).message, certs[at].message)
      assert.ok(check(group, `sigmsg|${certs[at].message}|`, verification, certs[at].signature))
      assert.equal(group.encode(group.powerMade(BigInt(said.trustee_secret_keys[at]))), keys[at].public_key)
    }
  })
}

test('a group of the own key is read kindly, but read', () => {
  for (const typed of ['iL1oK', 'IL1OK', ' i l 1 0 k ', 'ＩＬ１ＯＫ', 'i-L-1-o-K']) assert.ok(isMeant(typed, 'iL1oK'), typed)
  for (const typed of ['', 'iL1o', 'iL1oKK', 'iL2oK', 'zzzzz']) assert.equal(isMeant(typed, 'iL1oK'), false, typed)
})
