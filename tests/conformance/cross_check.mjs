// Digital Bazaar's libraries and the ledger's, each verifying what the other issued, over HTTPS.
//
//   npm install --prefix tests/conformance
//   python -m tests.conformance --certificate /tmp/certificate.pem
//   NODE_EXTRA_CA_CERTS=/tmp/certificate.pem node tests/conformance/cross_check.mjs https://localhost:40443
//
// Exit 0: all agree; 1: they do not; 77: the packages are missing, nothing was checked.

import {
  attempt, CREDENTIALS, DataIntegrityProof, Ed25519Multikey, EXAMPLES, finish, httpClient, loader,
  OPEN_BADGES, statusList, SUITES, told, vc, verify
} from './libraries.mjs';

const base = process.argv[2] ?? 'https://localhost:40443';
const documentLoader = loader(
  async url => url.startsWith(base) ? (await httpClient.get(url)).data : undefined);

// ---------------------------------------------------------------- their side

const keyPair = await Ed25519Multikey.generate();
const theirDid = `did:key:${keyPair.publicKeyMultibase}`;
keyPair.controller = theirDid;
keyPair.id = `${theirDid}#${keyPair.publicKeyMultibase}`;
const signer = keyPair.signer();

function theirIssue(credential, suite) {
  return vc.issue({
    credential: structuredClone({...credential, issuer: theirDid}),
    suite: new DataIntegrityProof({signer, cryptosuite: SUITES[suite].sign()}),
    documentLoader
  });
}

function theyVerify(credential, suite, {checkStatus} = {}) {
  return verify({credential, suite, documentLoader, checkStatus});
}

// ---------------------------------------------------------------- our side

async function post(path, body) {
  const response = await fetch(base + path, {
    method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)
  });
  return {status: response.status, body: await response.json()};
}

const ours = await (await fetch(`${base}/`)).json();

async function ourIssue(credential, cryptosuite, options = {}) {
  const {status, body} = await post('/credentials/issue', {
    credential: {...credential, issuer: ours.issuer}, options: {cryptosuite, ...options}
  });
  if(status !== 201) {
    throw new Error(body.errors[0].detail);
  }
  return body.verifiableCredential;
}

async function weVerify(credential) {
  const {status, body} = await post('/credentials/verify', {verifiableCredential: credential});
  return {verified: status === 200, why: body.errors?.[0]?.detail};
}

// ---------------------------------------------------------------- what is issued

const plain = {
  '@context': [CREDENTIALS],
  id: 'urn:uuid:2b1f7d2c-1c4e-4d8a-9b0c-5e6f7a8b9c0d',
  type: ['VerifiableCredential'],
  validFrom: '2024-05-01T08:00:00Z',
  validUntil: '2099-12-31T23:59:59+07:00',
  credentialSubject: {id: 'did:example:subject', name: 'Siti Rahayu'}
};
const DOCUMENTS = {
  'a plain credential': plain,
  'the examples vocabulary': {
    ...plain, '@context': [CREDENTIALS, EXAMPLES], type: ['VerifiableCredential', 'AlumniCredential'],
    credentialSubject: {id: 'did:example:subject', alumniOf: {name: 'Sekolah Contoh', years: 3, honours: true}}
  },
  'a context of its own': {
    ...plain, '@context': [CREDENTIALS, {skill: 'https://example.org/terms#skill'}],
    credentialSubject: {id: 'did:example:subject', skill: ['mengelas', 'menjahit']}
  },
  'names in languages, and characters beyond ASCII': {
    ...plain,
    name: [{'@value': 'Sertifikat “Ñandú” 🎓', '@language': 'id'}, {'@value': 'Certificate', '@language': 'en'}],
    description: 'tab\tquote " backslash \\ newline\n, U+FFFF neighbours: \uffee \u{10000}'
  },
  'a text with a direction': {
    ...plain, name: {'@value': 'شهادة', '@language': 'ar', '@direction': 'rtl'}
  },
  'subjects without ids, alike but for one claim': {
    ...plain, '@context': [CREDENTIALS, EXAMPLES],
    credentialSubject: [
      {knows: {knows: {name: 'a'}}}, {knows: {knows: {name: 'b'}}}, {knows: [{name: 'c'}, {name: 'c'}]}
    ]
  },
  'an Open Badge': {
    '@context': [CREDENTIALS, OPEN_BADGES],
    id: 'urn:uuid:9c0f7d2c-1c4e-4d8a-9b0c-5e6f7a8b9c0d',
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    name: 'Juru Las',
    validFrom: '2024-05-01T08:00:00Z',
    credentialSubject: {
      type: ['AchievementSubject'],
      identifier: [{type: 'IdentityObject', hashed: false, identityHash: 'Siti Rahayu', identityType: 'name'}],
      achievement: {
        id: 'urn:uuid:1d0f7d2c-1c4e-4d8a-9b0c-5e6f7a8b9c0d', type: ['Achievement'], name: 'Juru Las',
        description: 'Welder', criteria: {narrative: 'Kompeten pada unit yang tercantum.'}
      }
    }
  }
};

// eddsa-jcs-2022-cryptosuite 1.0.0 compares the items of two @context lists by identity, which no object survives.
const THEY_FAIL_ON = new Set(['eddsa-jcs-2022: a context of its own']);

// What a forger would do.
const ALTERATIONS = {
  'another claim': credential => {
    credential.credentialSubject.name = 'Siti Rahayu Dewi';
  },
  'a claim left out': credential => {
    delete credential.credentialSubject.name;
  },
  'a longer validity': credential => {
    credential.validUntil = '2100-12-31T23:59:59+07:00';
  },
  'an unknown member': credential => {
    credential.credentialSubject.zodiac = 'x';
  },
  'another id': credential => {
    credential.id = 'urn:uuid:00000000-1c4e-4d8a-9b0c-5e6f7a8b9c0d';
  },
  'another issuer': credential => {
    credential.issuer = 'did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj';
  },
  'an item more in the context': credential => {
    credential['@context'].push({added: 'https://example.org/terms#added'});
    credential.credentialSubject.added = 'x';
  },
  'another created': credential => {
    credential.proof.created = '2024-05-02T08:00:00Z';
  },
  'another purpose': credential => {
    credential.proof.proofPurpose = 'authentication';
  },
  'an expiry of the proof': credential => {
    credential.proof.expires = '2099-01-01T00:00:00Z';
  },
  'the other suite': credential => {
    credential.proof.cryptosuite =
      Object.keys(SUITES).find(each => each !== credential.proof.cryptosuite);
  },
  'another key': credential => {
    const other = 'z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj';
    credential.proof.verificationMethod = `did:key:${other}#${other}`;
  },
  'another signature': credential => {
    const {proofValue} = credential.proof;
    credential.proof.proofValue = proofValue.slice(0, -1) + (proofValue.endsWith('2') ? '3' : '2');
  },
  'validUntil renamed to its IRI': credential => {
    credential['https://www.w3.org/2018/credentials#validUntil'] = {
      '@type': 'http://www.w3.org/2001/XMLSchema#dateTime', '@value': credential.validUntil
    };
    delete credential.validUntil;
  }
};
// Canonical RDF is the same afterwards: the reason why a certificate has both proofs, and its verifier demands both.
const RDFC_IS_BLIND_TO = new Set(['validUntil renamed to its IRI']);

// ---------------------------------------------------------------- the checks

for(const suite of Object.keys(SUITES)) {
  for(const [what, credential] of Object.entries(DOCUMENTS)) {
    await attempt(`${suite}: ${what}`, async () => {
      const issued = await ourIssue(credential, suite);
      const theirs = await theyVerify(issued, suite);
      if(THEY_FAIL_ON.has(`${suite}: ${what}`)) {
        const own = await theyVerify(await theirIssue(credential, suite), suite);
        told(`${suite}: ${what}: they verify neither ours nor their own (a fault of theirs)`,
          !theirs.verified && !own.verified);
      } else {
        told(`${suite}: ${what}: they verify ours`, theirs.verified === true, theirs.why);
      }
      const answer = await weVerify(await theirIssue(credential, suite));
      told(`${suite}: ${what}: we verify theirs`, answer.verified === true, answer.why);
    });
  }
  for(const [what, alter] of Object.entries(ALTERATIONS)) {
    const due = suite === 'eddsa-rdfc-2022' && RDFC_IS_BLIND_TO.has(what);
    await attempt(`${suite}: altered, ${what}`, async () => {
      for(const [whose, issued] of [
        ['ours', await ourIssue(plain, suite)], ['theirs', await theirIssue(plain, suite)]
      ]) {
        alter(issued);
        const they = await theyVerify(issued, suite);
        const we = await weVerify(issued);
        const word = due ? 'both accept, as this suite alone must' : 'both reject';
        told(
          `${suite}: ${what} in ${whose}: ${word}`, they.verified === due && we.verified === due,
          `they ${they.verified ? 'accept' : `reject (${they.why})`}, we ${we.verified ? 'accept' : `reject (${we.why})`}`
        );
      }
    });
  }
}

await attempt('both proofs at once, as on a certificate', async () => {
  const both = await ourIssue(DOCUMENTS['an Open Badge'], Object.keys(SUITES));
  for(const suite of Object.keys(SUITES)) {
    const {verified, why} = await theyVerify(both, suite);
    told(`both proofs at once, as on a certificate: they verify ${suite}`, verified, why);
  }
  const {verified, why} = await weVerify(both);
  told('both proofs at once: we verify', verified, why);
});

await attempt('status list', async () => {
  const issued = await ourIssue(plain, 'eddsa-rdfc-2022', {credentialStatus: {type: 'BitstringStatusListEntry'}});
  const checkStatus = async ({credential}) => {
    const suite = new DataIntegrityProof({cryptosuite: SUITES['eddsa-rdfc-2022'].verify()});
    const result = await statusList.checkStatus({credential, suite, documentLoader});
    const standing = result.verified && result.results.every(each => each.status === false);
    return {verified: standing, error: result.error ?? (standing ? undefined : new Error('the status is set'))};
  };
  const {document: listed} = await documentLoader(issued.credentialStatus.statusListCredential);
  const bits = await statusList.decodeList({encodedList: listed.credentialSubject.encodedList});
  told('status list: they unpack 131,072 bits, none set', bits.length === 131072 && bits.getStatus(0) === false);
  const list = await theyVerify(listed, 'eddsa-rdfc-2022');
  told('status list: they verify the list', list.verified, list.why);
  const before = await theyVerify(issued, 'eddsa-rdfc-2022', {checkStatus});
  told('status list: they verify what stands', before.verified, before.why);
  const ourBefore = await weVerify(issued);
  told('status list: we verify what stands', ourBefore.verified, ourBefore.why);
  await post('/credentials/status', {
    credentialId: issued.id, credentialStatus: {type: 'BitstringStatusListEntry', statusPurpose: 'suspension'}, status: true
  });
  told('status list: they reject what was suspended',
    (await theyVerify(issued, 'eddsa-rdfc-2022', {checkStatus})).verified === false);
  told('status list: we reject what was suspended', (await weVerify(issued)).verified === false);
  await post('/credentials/status', {
    credentialId: issued.id, credentialStatus: {type: 'BitstringStatusListEntry', statusPurpose: 'suspension'}, status: false
  });
  told('status list: they verify it again', (await theyVerify(issued, 'eddsa-rdfc-2022', {checkStatus})).verified);

  const theirs = await statusList.createList({length: 131072});
  theirs.setStatus(7, true);
  const made = await statusList.createCredential({
    id: 'https://lists.example/status/1', list: theirs, statusPurpose: 'revocation'
  });
  for(const suite of Object.keys(SUITES)) {
    const answer = await weVerify(await theirIssue({...made, validFrom: plain.validFrom}, suite));
    told(`status list: we verify theirs, ${suite}`, answer.verified, answer.why);
  }
  const short = await statusList.createList({length: 8});
  const tooShort = await statusList.createCredential({
    id: 'https://lists.example/status/2', list: short, statusPurpose: 'revocation'
  });
  told('status list: we reject one of 8 bits',
    (await weVerify(await theirIssue({...tooShort, validFrom: plain.validFrom}, 'eddsa-rdfc-2022'))).verified === false);
});

await attempt('presentations', async () => {
  const credential = await theirIssue(plain, 'eddsa-rdfc-2022');
  for(const suite of Object.keys(SUITES)) {
    const presentation = await vc.signPresentation({
      presentation: vc.createPresentation({verifiableCredential: credential, holder: theirDid}),
      suite: new DataIntegrityProof({signer, cryptosuite: SUITES[suite].sign()}),
      challenge: 'c-1', domain: 'desk.example', documentLoader
    });
    const verify = (verifiablePresentation, options) =>
      post('/presentations/verify', {verifiablePresentation, options});
    const good = await verify(presentation, {challenge: 'c-1', domain: 'desk.example'});
    told(`${suite}: a presentation: we verify theirs`, good.status === 200, good.body.errors?.[0]?.detail);
    told(`${suite}: a presentation for another challenge: we reject`,
      (await verify(presentation, {challenge: 'c-2', domain: 'desk.example'})).status === 400);
    const changed = structuredClone(presentation);
    changed.verifiableCredential[0].credentialSubject.name = 'x';
    told(`${suite}: a presentation with an altered credential: we reject`, (await verify(changed)).status === 400);
    const bare = structuredClone(presentation);
    delete bare.proof;
    told(`${suite}: a presentation without proof: we reject`, (await verify(bare)).status === 400);
  }
});

finish();
