// web/vote/decrypt.js -- a keyholder opens the own part of the sum of all ballots, after this device has looked itself whether it is that.
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
    await part.post({ partial_decryption: made })
    forgetSeed()
    part.at('counted').textContent = part.text('counted', counted)
    part.show('done')
  }
  part.show('seed')
}
