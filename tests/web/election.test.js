// Whole elections by web/vote alone: key making by three trustees of whom two open, codes, ballots of every kind, one vote again, an
// opened ballot, decryption. Their archives pass `gongzhi verify election` and, where it knows the group, Debian's belenios-tool.
// GONGZHI names the program; without it these are skipped, and ./check gives it.
import test, { after } from 'node:test'
import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Archive, parametersOf, resultOf, runs, tallyOf, vinputFor } from './lib.js'
import { hashOf, hexOf } from '../../web/vote/bytes.js'
import { sign } from '../../web/vote/channel.js'
import { groupOf } from '../../web/vote/group.js'
import { publicOf, randomCode, randomLetters, secretOf, sortPublic } from '../../web/vote/credential.js'
import { readElection } from '../../web/vote/election.js'
import { open, seal } from '../../web/vote/ballot.js'
import { Blamed, certify, checkMine, compareCode, decryptPart, finish, keysOf, ownPart, polynomial, randomSeed, readCertificates, readPublished } from '../../web/vote/trustee.js'

const scratch = mkdtempSync(path.join(os.tmpdir(), 'gongzhi-web.'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const QUESTIONS = [
  { answers: ['王大山', '李小河', '赵长林'], min: 1, max: 1, question: '谁来当组长？' },
  { answers: ['同意', '不同意', '弃权'], blank: true, min: 1, max: 2, question: '修路吗？' },
  { answers: ['甲'], min: 0, max: 1, question: '要不要？' },
]
const SIZE = 3, THRESHOLD = 2

async function ceremony(group) {
  const seeds = Array.from({ length: SIZE }, randomSeed)
  const context = at => ({ size: SIZE, threshold: THRESHOLD, index: at + 1 })
  const certs = seeds.map((seed, at) => certify(group, seed, context(at)))
  const polynomials = []
  for (const [at, seed] of seeds.entries()) polynomials.push(await polynomial(group, seed, certs, context(at)))
  const vinputs = seeds.map((_, at) => vinputFor(at + 1, polynomials))
  const finished = []
  for (const [at, seed] of seeds.entries()) finished.push(await finish(group, seed, certs, vinputs[at], context(at)))
  return { seeds, certs, polynomials, vinputs, finished, context }
}

for (const name of ['Ed25519', 'BELENIOS-2048']) {
  const group = groupOf(name)

  test(`${name}: an election from key to result`, { skip: !process.env.GONGZHI && 'GONGZHI names no program' }, async () => {
    const { seeds, certs, polynomials, finished } = await ceremony(group)
    const key = polynomials.map(one => group.decode(JSON.parse(one.coefexps.message).coefexps[0])).reduce(group.multiply)
    const uuid = randomLetters(14)
    const raw = JSON.stringify({ version: 1, description: 'd', name: '建国村 "试"', group: name, public_key: group.encode(key), questions: QUESTIONS,
      uuid, x_gongzhi: { number: '510182115002-TP-2026-00001' } })
    const codes = Array.from({ length: 4 }, randomCode)
    const credentials = sortPublic(group, codes.map(code => publicOf(group, uuid, code)))
    const packed = credentials.map(text => hexOf(group.pack(group.decode(text))))
    assert.deepEqual([...packed].sort(), packed)
    const trustees = JSON.stringify([['Pedersen', parametersOf(THRESHOLD, certs, polynomials, finished.map(one => one.voutput))]])
    const archive = new Archive()
    archive.setup(raw, trustees, JSON.stringify(credentials))

    const election = readElection(raw)
    assert.equal(readPublished(election, trustees), compareCode(certs))
    const other = JSON.parse(trustees)
    for (const change of [set => { set.verification_keys[1] = set.verification_keys[0] }, set => { set.certs.pop() }, set => { set.threshold = 3 },
      set => { set.signatures[2] = set.signatures[1] }, set => { set.coefexps[0] = set.coefexps[1] }]) {
      const copy = structuredClone(other)
      change(copy[0][1])
      assert.throws(() => readPublished(election, JSON.stringify(copy)))
    }
    assert.throws(() => readPublished({ ...election, key: group.powerMade(7n) }, trustees))
    assert.throws(() => readElection(raw.replace(group.encode(key), group.encode(group.neutral))))
    // my own is in its place, and what I have seen before is what is published
    readPublished(election, trustees, { seed: seeds[1], index: 2, certificates: certs })
    assert.throws(() => readPublished(election, trustees, { seed: seeds[1], index: 1 }), /certificate 1/)
    assert.throws(() => readPublished(election, trustees, { seed: randomSeed(), index: 2 }), /certificate 2/)
    assert.throws(() => readPublished(election, trustees, { certificates: [certs[0], certs[1], certify(group, randomSeed(), { size: 3, threshold: 2, index: 3 })] }))
    checkMine(group, trustees, seeds[2], 3, finished[2].verificationKey)
    assert.throws(() => checkMine(group, trustees, seeds[2], 2, finished[1].verificationKey))
    assert.throws(() => checkMine(group, trustees, seeds[2], 3, finished[1].verificationKey))
    const votes = [[0, [[1, 0, 0], [0, 1, 0, 1], [1]]], [1, [[0, 1, 0], [1, 0, 0, 0], [0]]], [2, [[0, 0, 1], [0, 0, 1, 0], [0]]],
      [0, [[0, 1, 0], [0, 0, 0, 1], [1]]]] // the first votes again; the fourth stays away
    const ballots = votes.map(([who, choice]) => {
      const sealed = seal(election, secretOf(group, uuid, codes[who]), choice)
      assert.deepEqual(open(election, sealed.opening), { choice, tracker: sealed.tracker })
      return sealed.ballot
    })
    for (const ballot of ballots) archive.event('Ballot', ballot)
    archive.event('EndBallots')
    const { tally, counted } = tallyOf(group, ballots)
    const text = JSON.stringify(tally)
    archive.event('EncryptedTally', text, JSON.stringify({ num_tallied: counted, total_weight: counted, encrypted_tally: hexOf(hashOf(text)) }))
    const parts = []
    for (const index of [3, 1]) { // the second is away
      const { voutput, verificationKey } = finished[index - 1]
      const secret = await ownPart(group, seeds[index - 1], voutput.private_key, verificationKey)
      const seen = []
      const part = await decryptPart(group, election.fingerprint, secret, tally, (done, all) => { seen.push(`${done}/${all}`) })
      assert.equal(seen.length, 3 + 4 + 1)
      const partText = JSON.stringify(part)
      archive.event('PartialDecryption', partText, JSON.stringify({ owner: index, payload: hexOf(hashOf(partText)) }))
      parts.push({ index, part })
    }
    const result = resultOf(group, tally, parts)
    assert.deepEqual(result, [[0, 2, 1], [1, 0, 1, 1], [1]])
    archive.event('Result', JSON.stringify({ result }))
    const folder = path.join(scratch, name)
    mkdirSync(folder)
    const file = path.join(folder, `${uuid}.bel`)
    archive.write(file)

    const ours = runs(process.env.GONGZHI, ['verify', 'election', file])
    assert.equal(ours.code, 0, ours.said)
    if (name === 'BELENIOS-2048' && process.env.BELENIOS_TOOL) {
      const theirs = runs(process.env.BELENIOS_TOOL, ['election', 'verify'], folder)
      assert.equal(theirs.code, 0, theirs.said)
      assert.match(theirs.said, /all checks passed/)
    }
  })

  test(`${name}: a trustee is named who sends what does not fit`, async () => {
    const { seeds, certs, polynomials, vinputs, context } = await ceremony(group)
    const blames = async (index, work) => assert.rejects(work, error => error instanceof Blamed && error.index === index)
    const fresh = certify(group, randomSeed(), context(1))
    // the server puts its own certificate in the place of the second
    const exchanged = [certs[0], fresh, certs[2]]
    assert.notEqual(compareCode(exchanged), compareCode(certs))
    assert.match(compareCode(certs), /^\d{4}( \d{4}){6}$/)
    await blames(2, () => polynomial(group, seeds[1], exchanged, context(1)))
    await blames(1, () => polynomial(group, seeds[0], [certs[1], certs[1], certs[2]], context(0)))
    const larger = { ...certs[2], message: certs[2].message.replace('"size":3', '"size":4') }
    await blames(3, () => polynomial(group, seeds[0], [certs[0], certs[1], larger], context(0)))
    await assert.rejects(() => polynomial(group, seeds[0], certs.slice(1), context(0)))
    // a share of another polynomial; a share for somebody else; the certificates exchanged after they were signed
    const other = await polynomial(group, seeds[2], certs, context(2))
    const change = change => finish(group, seeds[0], certs, change(structuredClone(vinputs[0])), context(0))
    await blames(3, () => change(vinput => { vinput.secrets[2] = other.secrets[0]; return vinput }))
    await blames(2, () => change(vinput => { vinput.secrets[1] = polynomials[1].secrets[1]; return vinput }))
    await blames(2, () => change(vinput => { vinput.signatures[1] = vinput.signatures[2]; return vinput }))
    await blames(3, () => change(vinput => { vinput.coefexps[2] = other.coefexps; return vinput }))
    await assert.rejects(() => change(vinput => { vinput.secrets.pop(); return vinput }))
    await assert.rejects(() => change(vinput => { vinput.polynomial = polynomials[1].polynomial; return vinput }))
    await finish(group, seeds[0], certs, vinputs[0], context(0))
  })

  test(`${name}: certificates are written in one way, with keys that are their sender's alone`, () => {
    const seeds = Array.from({ length: SIZE }, randomSeed)
    const context = at => ({ size: SIZE, threshold: THRESHOLD, index: at + 1 })
    const certs = seeds.map((seed, at) => certify(group, seed, context(at)))
    readCertificates(group, seeds[0], certs, context(0))
    const by = change => { // the third trustee signs what CHANGE makes of the certificate's message
      const said = JSON.parse(certs[2].message)
      const made = change(said) ?? {}
      return sign(group, made.secret ?? keysOf(group, seeds[2]).signing, made.text ?? JSON.stringify(said))
    }
    const own = JSON.parse(certs[0].message), neutral = group.encode(group.neutral)
    const refused = {
      spaces: said => ({ text: JSON.stringify(said, null, 1) }),
      'one field more': said => { said.more = 1 },
      'one field more in its context': said => { said.context.more = 1 },
      'another order': ({ context: said, verification, encryption }) => ({ text: JSON.stringify({ context: said, encryption, verification }) }),
      'a neutral key to open': said => { said.encryption = neutral },
      'a neutral key to sign': said => { said.verification = neutral; return { secret: 0n } },
      'one key for both': said => { said.encryption = said.verification },
      "another's key to open": said => { said.encryption = own.encryption },
    }
    for (const [what, change] of Object.entries(refused))
      assert.throws(() => readCertificates(group, seeds[0], [certs[0], certs[1], by(change)], context(0)), error => error instanceof Blamed && error.index === 3, what)
    assert.throws(() => readCertificates(group, seeds[0], [certs[0], certs[1], { ...certs[2], more: 1 }], context(0)))
    const { challenge, response } = certs[2].signature
    for (const signature of [{ response, challenge }, { challenge, response, more: '1' }])
      assert.throws(() => readCertificates(group, seeds[0], [certs[0], certs[1], { ...certs[2], signature }], context(0)))
    assert.throws(() => readCertificates(group, seeds[0], certs, { ...context(0), threshold: 4 }))
  })

  test(`${name}: an opening of another ballot, or one altered, opens nothing`, () => {
    const uuid = 'Opening2Test3A'
    const raw = JSON.stringify({ version: 1, description: 'd', name: 'n', group: name, public_key: group.encode(group.powerMade(5n)),
      questions: QUESTIONS.slice(0, 1), uuid })
    const election = readElection(raw)
    const sealed = seal(election, secretOf(group, uuid, randomCode()), [[0, 1, 0]])
    assert.deepEqual(open(election, sealed.opening).choice, [[0, 1, 0]])
    for (const [from, to] of [['.010.', '.100.'], ['.010.', '.011.'], ['.010.', '.01.'], ['.010.', '.0100.']])
      assert.throws(() => open(election, sealed.opening.replace(from, to)), undefined, to)
    const letter = sealed.opening[5] === 'A' ? 'B' : 'A'
    assert.throws(() => open(election, sealed.opening.slice(0, 5) + letter + sealed.opening.slice(6)))
    assert.throws(() => open(readElection(raw.replace('"n"', '"m"')), sealed.opening))
    for (const text of ['', '....', 'a.b.c.d.e', sealed.opening.slice(1), `${sealed.opening}.`]) assert.throws(() => open(election, text))
    assert.throws(() => seal(election, 5n, [[1, 1, 0]]))
    assert.throws(() => seal(election, 5n, [[0, 0, 0]]))
    assert.throws(() => seal(election, 5n, [[1, 0, 0], [1]]))
  })
}
