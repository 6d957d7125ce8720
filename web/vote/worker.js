// web/vote/worker.js -- the long sums, beside the page so that it stays alive. Asked {id, task, …}; answers {id, done}, {id, failed,
// index (whom it blames) or wrong (what, in an archive), if any}, and meanwhile {id, told: [done, all]}. Secrets come in by message
// and stay in memory.
import { Wrong, checkArchive } from './archive.js'
import { codesMeant, publicOf, randomCode, secretOf, sortPublic } from './credential.js'
import { readElection } from './election.js'
import { open, prepare, seal } from './ballot.js'
import { groupOf } from './group.js'
import { certify, checkMine, compareCode, decryptPart, finish, ownPart, polynomial, readCertificates, readPublished, seedMeant, tallyCode } from './trustee.js'

let election

const tasks = {
  // --- the voter's ---

  // RAW: the election as served. Tables are made before anything is chosen.
  prepare({ raw }) {
    election = readElection(raw)
    prepare(election)
  },

  // The code that was meant by what was typed: one that is on LIST (texts; null: not known), else nothing.
  find({ typed, list }) {
    const codes = codesMeant(typed)
    return list ? codes.find(code => list.includes(publicOf(election.group, election.uuid, code))) : codes[0]
  },

  seal: ({ code, choice }) => seal(election, secretOf(election.group, election.uuid, code), choice),

  open: ({ opening }) => open(election, opening),

  // --- the credential authority's ---

  // COUNT codes in the order of the roll, and their public halves in an order that tells nothing.
  codes({ group: name, uuid, count }, tell) {
    const group = groupOf(name)
    const codes = [], list = []
    while (codes.length < count) {
      const code = randomCode()
      codes.push(code)
      list.push(publicOf(group, uuid, code))
      tell(codes.length, count)
    }
    return { codes, list: sortPublic(group, list) }
  },

  // --- the trustee's; CONTEXT: {size, threshold, index} ---

  certify: ({ group, seed, context }) => JSON.stringify(certify(groupOf(group), seed, context)),

  seed: ({ group, typed, certificate }) => seedMeant(groupOf(group), typed, certificate),

  compare({ group, seed, certificates, context }) {
    readCertificates(groupOf(group), seed, certificates, context)
    return compareCode(certificates)
  },

  share: async ({ group, seed, certificates, context }) => JSON.stringify(await polynomial(groupOf(group), seed, certificates, context)),

  finish: async ({ group, seed, certificates, vinput, context }) =>
    JSON.stringify((await finish(groupOf(group), seed, certificates, vinput, context)).voutput),

  // What the published key is compared by; ELECTION, TRUSTEES: texts as served; OWN: readPublished()'s.
  published: ({ election: raw, trustees, own }) => readPublished(readElection(raw), trustees, own),

  // How many have voted and what the sum is compared by, by the public archive, once all of it holds and what is asked to be opened is the sum of all ballots.
  async look({ archive, fingerprint, tally }, tell) {
    const found = await checkArchive(new Uint8Array(archive), tell)
    try {
      readPublished(found.election, found.trustees)
    } catch (error) {
      throw new Wrong(`trustees: ${error.message}`)
    }
    if (found.election.fingerprint !== fingerprint || found.tally !== tally) throw new Wrong('not the sum of this ballot')
    return { counted: found.counted, code: tallyCode(tally), trustees: found.trustees }
  },

  // Nothing when none of the seeds that may have been meant opens PRIVATE_KEY. TRUSTEES: the archive's, in which OWNER is my place.
  async decrypt({ group: name, typed, privateKey, verificationKey, fingerprint, tally, trustees, owner }, tell) {
    const group = groupOf(name)
    for (const code of codesMeant(typed)) {
      const seed = code.replace(/-/g, '')
      const part = await ownPart(group, seed, privateKey, verificationKey).catch(() => null)
      if (part === null) continue
      try {
        checkMine(group, trustees, seed, owner, verificationKey)
      } catch (error) {
        throw new Wrong(`trustees: ${error.message}`)
      }
      return JSON.stringify(await decryptPart(group, fingerprint, part, JSON.parse(tally), tell))
    }
  },
}

export async function run({ id, task, ...given }, say) {
  try {
    say({ id, done: await tasks[task](given, (done, all) => say({ id, told: [done, all] })) })
  } catch (error) {
    say({ id, failed: String(error), index: error.index, wrong: error instanceof Wrong ? error.message : undefined })
  }
}

export function serve() {
  self.onmessage = ({ data }) => run(data, answer => self.postMessage(answer))
}
