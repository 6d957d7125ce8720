// web/vote/worker.js -- the long sums, beside the page so that it stays alive: tables before anything is chosen, then sealing.
// Asked {id, task, …}; answers {id, done} or {id, failed}. Secrets come in by message and stay in memory.
import { codesMeant, publicOf, secretOf } from './credential.js'
import { readElection } from './election.js'
import { open, prepare, seal } from './ballot.js'

let election

const tasks = {
  // the raw text of the election
  prepare({ raw }) {
    election = readElection(raw)
    prepare(election)
  },

  // The code that was meant by what was typed: one that is on LIST (texts; null: not known), else nothing.
  find({ typed, list }) {
    const codes = codesMeant(typed)
    return list ? codes.find(code => list.includes(publicOf(election.group, election.uuid, code))) : codes[0]
  },

  seal({ code, choice }) {
    return seal(election, secretOf(election.group, election.uuid, code), choice)
  },

  open({ opening }) {
    return open(election, opening)
  },
}

export function run(request) {
  try {
    return { id: request.id, done: tasks[request.task](request) }
  } catch (error) {
    return { id: request.id, failed: String(error) }
  }
}

export function serve() {
  self.onmessage = ({ data }) => self.postMessage(run(data))
}
