// web/vote with other programs at one table: the recorded ceremonies of tests/vectors/ceremony, and elections in which some trustees,
// voters and authoritys use `gongzhi vote` and the others these modules. GONGZHI names the program.
import test, { after } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root, runs } from './lib.js'
import { groupOf } from '../../web/vote/group.js'
import { publicOf, randomCode, secretOf, sortPublic } from '../../web/vote/credential.js'
import { readElection } from '../../web/vote/election.js'
import { seal } from '../../web/vote/ballot.js'
import { checkArchive, checkBallot } from '../../web/vote/archive.js'
import { Blamed, certify, compareCode, decryptPart, finish, keysOf, ownPart, polynomial, randomSeed,
  readCertificates } from '../../web/vote/trustee.js'

const vectors = path.join(root, 'tests/vectors/ceremony')

for (const name of ['ed25519-2of3', 'ed25519-3of3', 'b2048-2of3']) test(`${name}: each step of the recorded ceremony`, async () => {
  const said = JSON.parse(readFileSync(path.join(vectors, `${name}.json`), 'utf8'))
  const read = text => typeof text === 'string' ? JSON.parse(text) : text
  const certs = said.certs.map(read)
  const { threshold } = read(said.threshold_parameters)
  const group = groupOf(JSON.parse(certs[0].message).context.group)
  for (const [at, seed] of said.seeds.entries()) {
    const context = { size: certs.length, threshold, index: at + 1 }
    assert.equal(keysOf(group, seed).signing.toString(), said.signing_keys[at])
    assert.equal(keysOf(group, seed).opening.toString(), said.decryption_keys[at])
    assert.equal(certify(group, seed, context).message, certs[at].message)
    readCertificates(group, seed, certs, context)
    const { voutput, verificationKey } = await finish(group, seed, certs, read(said.vinputs[at]), context)
    assert.equal(verificationKey, read(said.voutputs[at]).public_key.public_key)
    for (const one of [voutput, read(said.voutputs[at])])
      assert.equal((await ownPart(group, seed, one.private_key, verificationKey)).toString(), said.opened_private_keys[at])
  }
  const context = { size: certs.length, threshold, index: 2 }
  for (const bad of said.bad_vinputs_of_trustee_2 ?? [])
    await assert.rejects(() => finish(group, said.seeds[1], certs, read(bad.vinput), context), error => // that one names the place, not the sender
      bad.name === 'the right share twice' || !(error instanceof Blamed) || !bad.names || error.index === Number(bad.names), bad.name)
})

const gongzhi = process.env.GONGZHI
const scratch = mkdtempSync(path.join(os.tmpdir(), 'gongzhi-mixed.'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const skip = !gongzhi && 'GONGZHI names no program'
for (const name of ['Ed25519', 'BELENIOS-2048']) test(`${name}: trustees, authority and voters of both kinds in one election`, { skip }, async () => {
  const group = groupOf(name)
  const folder = path.join(scratch, name)
  mkdirSync(folder)
  const file = one => path.join(folder, one)
  const text = one => readFileSync(file(one), 'utf8').trim()
  const command = (...words) => {
    const { code, out, said } = runs(gongzhi, ['vote', ...words, '--folder', folder])
    assert.equal(code, 0, `${words.join(' ')}: ${said}`)
    return out
  }
  const found = end => readdirSync(folder).filter(one => one.endsWith(end))
  const context = index => ({ size: 3, threshold: 2, index })

  // 1 and 3 sit before a page, 2 at a command line
  const seeds = { 1: randomSeed(), 3: randomSeed() }
  command('trustee', 'certificate', '--group', name, '--size', '3', '--needed', '2', '--index', '2')
  const [theirs] = found('.cert').map(one => one.slice(0, -5))
  const certs = [certify(group, seeds[1], context(1)), JSON.parse(text(`${theirs}.cert`)), certify(group, seeds[3], context(3))]
  const lines = list => list.map(one => JSON.stringify(one)).join('\n') + '\n'
  writeFileSync(file('certs'), lines(certs))
  assert.ok(runs(gongzhi, ['vote', 'trustee', 'check', '--certs', file('certs')]).out.includes(compareCode(certs)))
  const key = file(`${theirs}.key`)
  command('trustee', 'polynomial', '--certs', file('certs'), '--key', key)
  const polynomials = [await polynomial(group, seeds[1], certs, context(1)), JSON.parse(text(`${theirs}.polynomial`)),
    await polynomial(group, seeds[3], certs, context(3))]
  writeFileSync(file('polynomials'), lines(polynomials))
  command('trustee', 'inputs', '--certs', file('certs'), '--polynomials', file('polynomials'))
  const inputs = found('.vinput')
  assert.equal(inputs.length, 3)
  command('trustee', 'output', '--certs', file('certs'), '--key', key, file(`${theirs}.vinput`))
  const vinputs = inputs.map(one => JSON.parse(text(one)))
  const mine = async index => {
    for (const vinput of vinputs) {
      const made = await finish(group, seeds[index], certs, vinput, context(index)).catch(() => null)
      if (made) return made
    }
    throw new Error(`no input is for ${index}`)
  }
  const made = { 1: await mine(1), 3: await mine(3) }
  writeFileSync(file('outputs'), lines([made[1].voutput, JSON.parse(text(`${theirs}.voutput`)), made[3].voutput]))
  command('trustee', 'finish', '--certs', file('certs'), '--polynomials', file('polynomials'), '--outputs', file('outputs'))
  writeFileSync(file('public_keys.jsons'), '')
  command('trustees', '--group', name)

  // codes by both: two of a page, two of the command line
  const { out: token } = runs(gongzhi, ['vote', 'token'])
  const uuid = token.trim()
  command('credentials', '--group', name, '--uuid', uuid, '--count', '2')
  const [pub] = found('.pubcreds')
  const priv = readFileSync(file(found('.privcreds')[0]), 'utf8')
  const theirCodes = priv.match(/[1-9A-Za-z]{5}-[1-9A-Za-z]{6}-[1-9A-Za-z]{5}-[1-9A-Za-z]{6}/g)
  assert.equal(theirCodes.length, 2)
  const codes = [randomCode(), randomCode()]
  const list = [...JSON.parse(text(pub)), ...codes.map(code => publicOf(group, uuid, code))]
  assert.deepEqual(sortPublic(group, theirCodes.map(code => publicOf(group, uuid, code))), sortPublic(group, JSON.parse(text(pub))))
  writeFileSync(file('public_creds.json'), JSON.stringify(sortPublic(group, list)))
  writeFileSync(file('template.json'), JSON.stringify({ description: 'd', name: 'n',
    questions: [{ answers: ['甲', '乙', '丙'], blank: true, min: 1, max: 2, question: '选谁？' }] }))
  command('election', '--group', name, '--uuid', uuid, '--template', file('template.json'))
  command('open')

  const raw = text('election.json')
  const election = readElection(raw)
  const cast = ballot => {
    writeFileSync(file('ballot'), ballot)
    command('cast', file('ballot'))
  }
  cast(seal(election, secretOf(group, uuid, codes[0]), [[0, 1, 0, 1]]).ballot)
  writeFileSync(file('code'), theirCodes[0])
  writeFileSync(file('choices'), '[[0,1,1,0]]')
  const ballot = command('seal', '--credential', file('code'), '--choices', file('choices')).trim()
  checkBallot(election, new Set(list), ballot)
  cast(ballot)
  cast(seal(election, secretOf(group, uuid, theirCodes[1]), [[1, 0, 0, 0]]).ballot) // their code on our page
  cast(seal(election, secretOf(group, uuid, codes[0]), [[0, 0, 0, 1]]).ballot)
  command('close')

  const [bel] = found('.bel')
  const looked = await checkArchive(readFileSync(file(bel)))
  assert.equal(looked.counted, 3)
  const secret = await ownPart(group, seeds[3], made[3].voutput.private_key, made[3].verificationKey)
  const part = await decryptPart(group, election.fingerprint, secret, JSON.parse(looked.tally))
  // the form of `gongzhi vote decrypt`: the part, and whose it is
  const partText = JSON.stringify(part)
  writeFileSync(file('part'), `${partText}\n${JSON.stringify({ owner: 3, payload: createHash('sha256').update(partText).digest('hex') })}\n`)
  command('accept', file('part'))
  writeFileSync(file('part2'), command('decrypt', '--key', key, '--dkey', file(`${theirs}.dkey`)))
  command('accept', file('part2'))
  command('result')
  const { code, said } = runs(gongzhi, ['verify', 'election', file(bel)])
  assert.equal(code, 0, said)
  assert.match(readFileSync(file(bel), 'utf8'), /\{"result":\[\[1,1,1,1\]\]\}/)
  if (name === 'BELENIOS-2048' && process.env.BELENIOS_TOOL) {
    const tool = path.join(folder, 'tool')
    mkdirSync(tool)
    writeFileSync(path.join(tool, bel), readFileSync(file(bel)))
    assert.match(runs(process.env.BELENIOS_TOOL, ['election', 'verify'], tool).said, /all checks passed/)
  }
})
