// web/vote/decrypt.js -- a trustee opens the own part of the sum of all ballots, after this device has looked itself whether it is that.
// The key is used here and forgotten.
import { Problem } from './page.js'
import { forgetSeed, seedGiven, watchSeed } from './seed.js'

export async function decrypt(part, helper) {
  if (!crypto.subtle) {
    part.root.querySelector('[data-step="loading"]').hidden = true
    throw new Problem('insecure')
  }
  const model = await part.model()
  if (model.done) return part.show('done')
  if (!model.is_my_turn) return part.show('none') // the page says why
  watchSeed()
  let ready
  part.actions.submit_seed = async () => {
    const typed = await seedGiven()
    const progress = part.at('progress')
    part.show('working')
    const tell = (done, all) => { progress.value = done / all }
    const archive = await part.ask(`${part.base}/archive.bel`, { raw: true })
    const counted = await helper.ask('look', { archive, fingerprint: model.fingerprint, tally: model.encrypted_tally }, tell)
    const made = await helper.ask('decrypt', { group: model.group, typed, privateKey: model.private_key, verificationKey: model.verification_key,
      fingerprint: model.fingerprint, tally: model.encrypted_tally }, tell)
    if (!made) throw new Problem('seed_other')
    forgetSeed()
    ready = { made, counted }
    part.at('to_open').textContent = part.text('to_open', counted)
    part.show('confirm')
  }
  // That every ballot of an archive holds doesn't say that none has been left out of it: how many they are, people know.
  part.actions.open = async () => {
    part.show('working')
    await part.post({ partial_decryption: ready.made })
    part.at('counted').textContent = part.text('counted', ready.counted)
    ready = null
    part.show('done')
  }
  part.show('seed')
}
