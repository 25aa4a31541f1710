// Can a stranger tell by time whether an account exists?
//
//   cargo xtask dev --release --exec 'node benches/timing/passwords.mjs [SAMPLES]'
//
// Signs in again and again over one connection, in random order: with a wrong password for an account that exists, with an
// e-mail address nobody has, and with the right password of an account that may not sign in here (it belongs to a store).
// Each of the latter two is compared with the first by the Mann-Whitney U test (two-sided, normal approximation with ties).
// A p-value says how often chance alone would show a difference as large as this one. For the figures to mean anything the
// machine must have nothing else to do.
import { Agent, request } from 'node:http';

const samples = Number(process.argv[2] ?? 2000);
const warmUp = 50;
const { CTP_AUTH_URL: auth, CTP_API_URL: api, CTP_PROJECT_KEY: project } = process.env;
const basic = (id, secret) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const admin = basic(process.env.CTP_CLIENT_ID, process.env.CTP_CLIENT_SECRET);
const mobile = basic(process.env.MOBILE_CLIENT_ID, process.env.MOBILE_CLIENT_SECRET);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function post(url, authorization, type, body) {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': type, 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function expecting(status, ...call) {
  const answer = await post(...call);
  if (answer.status !== status) throw new Error(`${call[0]}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? {} : JSON.parse(answer.text);
}

async function signIn({ email, password }) {
  const form = new URLSearchParams({ grant_type: 'password', username: email, password }).toString();
  const start = process.hrtime.bigint();
  const answer = await post(`${auth}/oauth/${project}/customers/token`, mobile, 'application/x-www-form-urlencoded', form);
  const micros = Number(process.hrtime.bigint() - start) / 1000;
  if (answer.status !== 400) throw new Error(`a refusal was expected: ${answer.status} ${answer.text}`);
  return micros;
}

async function accounts() {
  const form = 'application/x-www-form-urlencoded';
  const { access_token: token } = await expecting(200, `${auth}/oauth/token`, admin, form, 'grant_type=client_credentials');
  const create = (path, draft) =>
    expecting(201, `${api}/${project}/${path}`, `Bearer ${token}`, 'application/json', JSON.stringify(draft));
  const run = Date.now();
  await create('stores', { key: `timing-${run}` });
  await create('customers', { email: `known-${run}@example.com`, password: 'right' });
  await create('customers', {
    email: `store-${run}@example.com`,
    password: 'right',
    stores: [{ typeId: 'store', key: `timing-${run}` }],
  });
  return [
    { name: 'wrong password', email: `known-${run}@example.com`, password: 'wrong' },
    { name: 'unknown e-mail', email: `nobody-${run}@example.com`, password: 'wrong' },
    { name: 'customer of a store', email: `store-${run}@example.com`, password: 'right' },
  ];
}

function shuffled(list) {
  const order = [...list];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

function mannWhitney(a, b) {
  const all = [...a.map((value) => [value, true]), ...b.map((value) => [value, false])].sort((x, y) => x[0] - y[0]);
  let ranksOfA = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to][0] === all[from][0]) to += 1;
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) if (all[at][1]) ranksOfA += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const n = all.length;
  const u = ranksOfA - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))));
  const z = (u - mean) / deviation;
  return { z, p: 2 * upperTail(Math.abs(z)), superiority: u / (a.length * b.length) };
}

// Abramowitz and Stegun 26.2.17; the error is below 7.5e-8.
function upperTail(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

const kinds = await accounts();
const times = new Map(kinds.map(({ name }) => [name, []]));
for (let round = -warmUp; round < samples; round += 1) {
  for (const kind of shuffled(kinds)) {
    const micros = await signIn(kind);
    if (round >= 0) times.get(kind.name).push(micros);
  }
}
const [reference, ...others] = kinds.map(({ name }) => name);
console.log(`${samples} sign-ins of each kind; microseconds`);
for (const [name, values] of times) {
  const [low, median, high] = [0.05, 0.5, 0.95].map((share) => quantile(values, share).toFixed(0));
  console.log(`${name}: median ${median}, 5 % ${low}, 95 % ${high}`);
}
for (const name of others) {
  const { z, p, superiority } = mannWhitney(times.get(name), times.get(reference));
  console.log(`${name} against ${reference}: z ${z.toFixed(2)}, p ${p.toFixed(3)}, P(longer) ${superiority.toFixed(3)}`);
}
agent.destroy();
