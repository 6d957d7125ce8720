// web/vote against the archives made by belenios-tool: fingerprints, codes, trackers, and the same parts of the decryption.
import test from 'node:test'
import assert from 'node:assert/strict'
import path from 'node:path'
import { readFileSync, readdirSync } from 'node:fs'
import { archiveOf, root, secretsOf } from './lib.js'
import { checkArchive, checkBallot } from '../../web/vote/archive.js'
import { publicOf, sortPublic } from '../../web/vote/credential.js'
import { readElection } from '../../web/vote/election.js'
import { prepare, trackerOf } from '../../web/vote/ballot.js'
import { decryptPart, readPublished } from '../../web/vote/trustee.js'
import { check } from '../../web/vote/proof.js'

const names = ['ed25519-single', 'ed25519-threshold-2of3', 'ed25519-single-plus-2of3', 'b2048-single', 'b2048-threshold-2of3-v3']

for (const name of names) test(`${name}: what the tool made`, async () => {
  const [archive, secrets] = [archiveOf(`good/${name}`), secretsOf(`good/${name}`)]
  const election = readElection(archive.election)
  const { group, uuid, fingerprint } = election
  assert.equal(fingerprint, secrets.expect.election_fingerprint)
  assert.deepEqual(archive.ballots.map(trackerOf), secrets.expect.trackers)

  const list = JSON.parse(archive.credentials)
  if (secrets.credential_format.startsWith('22')) {
    for (const voter of secrets.voters) assert.equal(publicOf(group, uuid, voter.private), voter.public)
    assert.deepEqual([...sortPublic(group, secrets.voters.map(one => one.public))].sort(), [...list].sort())
  }
  const ballot = JSON.parse(archive.ballots[0])
  assert.ok(check(group, `sig|${ballot.signature.hash}|`, group.decode(ballot.credential), ballot.signature.proof))

  // the trustees in the order of their numbers; the tool's own factors come out again
  const parts = [...secrets.single_trustee_private_keys ?? [], ...(secrets.threshold_trustees ?? []).map(one => one.decryption_key)]
  assert.ok(archive.decryptions.length)
  for (const { owner, text } of archive.decryptions) {
    const made = await decryptPart(group, fingerprint, BigInt(parts[owner - 1]) % group.q, JSON.parse(archive.tally))
    assert.deepEqual(made.decryption_factors, JSON.parse(text).decryption_factors)
  }
})

// What a trustee's device makes of an archive; the bad ones are faults it must see before it opens anything.
const look = name => checkArchive(readFileSync(path.join(root, 'tests/vectors/belenios', name)))

for (const name of ['b2048-no-ballots', 'b2048-single', 'b2048-threshold-2of3', 'b2048-two-blank', 'ed25519-single', 'ed25519-two-blank'])
  test(`${name}: looked at before opening`, async () => {
    const { expect } = secretsOf(`good/${name}`)
    const found = await look(`good/${name}.bel`)
    assert.equal(found.counted, expect.counted)
    assert.equal(found.ballots, expect.ballots)
    assert.equal(found.tally, archiveOf(`good/${name}`).tally)
  })

test('the trustees as published', async () => {
  const read = name => {
    const { election, trustees } = archiveOf(name)
    return readPublished(readElection(election), trustees)
  }
  assert.match(read('good/ed25519-threshold-2of3'), /^\d{4}( \d{4}){6}$/)
  for (const bad of ['threshold-bad-coefexps-signature', 'threshold-wrong-verification-key'])
    assert.throws(() => read(`bad/ed25519/${bad}`), undefined, bad)
  assert.throws(() => read('good/ed25519-single'))
})

const others = /^(decryption|result|threshold|setup-bad-trustee)/ // seen by the verifiers; not what this one is for
for (const folder of ['b2048', 'ed25519'])
  for (const name of readdirSync(path.join(root, `tests/vectors/belenios/bad/${folder}`)).filter(one => one.endsWith('.bel') && !others.test(one)))
    test(`bad/${folder}/${name}: not opened`, async () => {
      await assert.rejects(() => look(`bad/${folder}/${name}`))
    })

for (const file of readdirSync(path.join(root, 'tests/vectors/belenios/bad/ed25519')).filter(one => /^ballot-(unknown|outside)/.test(one)))
  test(`${file}: its last ballots one by one`, async () => {
    const { election: raw, credentials, ballots } = archiveOf(`bad/ed25519/${file.slice(0, -4)}`)
    const election = readElection(raw)
    prepare(election)
    const listed = new Set(JSON.parse(credentials))
    assert.ok(ballots.some(text => { try { checkBallot(election, listed, text) } catch { return true } return false }))
    checkBallot(election, listed, ballots[0])
  })
