// kafkajs as a client for the tests. Records are lines of JSON; key, value and headers are base64, null stays null.
//   node kafkajs.js produce BOOTSTRAP TOPIC [codec]     lines from stdin: {key, value, headers: {name: [base64]}, partition?, timestamp?}
//   node kafkajs.js fetch   BOOTSTRAP TOPIC             every record up to the end, without a group
//   node kafkajs.js partition PARTITIONS -              the partition of each key (a line of base64 from stdin), one number per line
//   node kafkajs.js consume BOOTSTRAP TOPIC GROUP COUNT so many committed records through a consumer group
//   node kafkajs.js admin   BOOTSTRAP -                 a call of the admin client per line of stdin: {call, with}; prints {result} or {error, code} per line
//   node kafkajs.js transact BOOTSTRAP TOPIC ID GROUP   a transaction per line of stdin: {commit, offset, records: [{value, partition}]}
'use strict'

const readline = require('readline')
const { Kafka, CompressionCodecs, CompressionTypes, Partitioners, logLevel } = require('kafkajs')
const Cluster = require('kafkajs/src/cluster')
const socketFactory = require('kafkajs/src/network/socketFactory')
const { createLogger } = require('kafkajs/src/loggers')

const [verb, bootstrap, topic, ...rest] = process.argv.slice(2)
const brokers = bootstrap.split(',')
const toStandardError = () => ({ label, log }) =>
  process.stderr.write(`${label} ${log.message} ${log.error || ''}\n`)
const types = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}
// Loaded when first met: with kafkajs alone in node_modules the rest still runs.
for (const name of ['snappy', 'lz4', 'zstd']) {
  CompressionCodecs[types[name]] = () => require('./codecs')[name]()
}

// {ssl: {ca: [pem]}, sasl: {mechanism, username, password, token}}
const security = JSON.parse(process.env.MILENA_NODE_SECURITY || '{}')
if (security.sasl && security.sasl.mechanism === 'oauthbearer') {
  const value = security.sasl.token
  security.sasl = { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value }) }
}

const kafka = new Kafka({
  clientId: 'kafkajs-interop',
  brokers,
  ...security,
  logLevel: logLevel.ERROR,
  logCreator: toStandardError,
})

const decode = text => (text === null || text === undefined ? null : Buffer.from(text, 'base64'))
const encode = bytes => (bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64'))
const mapValues = (object, f) => Object.fromEntries(Object.entries(object || {}).map(([k, v]) => [k, f(v)]))

let pending = []
function print(partition, { offset, timestamp, key, value, headers }) {
  pending.push(
    JSON.stringify({
      partition,
      offset: Number(offset),
      timestamp: Number(timestamp),
      key: encode(key),
      value: encode(value),
      headers: mapValues(headers, v => (Array.isArray(v) ? v : [v]).map(encode)),
    })
  )
}

async function flush() {
  const text = pending.map(line => line + '\n').join('')
  pending = []
  await new Promise((resolve, reject) => process.stdout.write(text, e => (e ? reject(e) : resolve())))
}

async function produce(compression = 'none') {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: true })
  await producer.connect()
  let batch = []
  let sent = 0
  const send = async () => {
    if (batch.length === 0) return
    await producer.send({
      topic,
      acks: -1,
      compression: types[compression],
      messages: batch,
    })
    sent += batch.length
    batch = []
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.length === 0) continue
    const { key, value, headers, partition, timestamp } = JSON.parse(line)
    batch.push({
      key: decode(key),
      value: decode(value),
      headers: mapValues(headers, v => (v.length === 1 ? decode(v[0]) : v.map(decode))),
      partition: partition === null ? undefined : partition,
      timestamp: timestamp === null || timestamp === undefined ? undefined : String(timestamp),
    })
    if (batch.length === 5000) await send()
  }
  await send()
  await producer.disconnect()
  pending.push(JSON.stringify({ sent }))
  await flush()
}

async function fetch() {
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()

  const cluster = new Cluster({
    logger: createLogger({ level: logLevel.ERROR, logCreator: toStandardError }),
    socketFactory: socketFactory(),
    brokers,
    ...security,
    clientId: 'kafkajs-interop',
    connectionTimeout: 5000,
    requestTimeout: 30000,
    enforceRequestTimeout: true,
    metadataMaxAge: 300000,
    allowAutoTopicCreation: false,
    isolationLevel: 0,
    retry: {},
    offsets: new Map(),
  })
  await cluster.connect()
  await cluster.addTargetTopic(topic)
  for (const { partition, low, high } of ends) {
    const leader = Number(Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0])
    const broker = await cluster.findBroker({ nodeId: leader })
    let next = BigInt(low)
    while (next < BigInt(high)) {
      const { responses } = await broker.fetch({
        isolationLevel: 0,
        maxWaitTime: 500,
        minBytes: 1,
        maxBytes: 10485760,
        topics: [{ topic, partitions: [{ partition, fetchOffset: next.toString(), maxBytes: 1048576 }] }],
      })
      const { errorCode, messages } = responses[0].partitions[0]
      if (errorCode !== 0) throw new Error(`Partition ${partition} at ${next}: error code ${errorCode}`)
      const fresh = messages.filter(message => BigInt(message.offset) >= next)
      if (fresh.length === 0) throw new Error(`Partition ${partition}: no record at ${next}, high watermark ${high}`)
      for (const message of fresh) {
        if (!message.isControlRecord) print(partition, message)
        next = BigInt(message.offset) + 1n
      }
      await flush()
    }
  }
  await cluster.disconnect()
}

async function consume(groupId, count) {
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let left = Number(count)
  await new Promise((resolve, reject) => {
    consumer.on('consumer.crash', event => reject(event.payload.error))
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          if (left <= 0) return
          print(partition, message)
          left -= 1
          if (left === 0) resolve()
        },
      })
      .catch(reject)
  })
  await flush()
  await consumer.disconnect()
}

async function partition() {
  const partitionMetadata = Array.from({ length: Number(bootstrap) }, (_, partitionId) => ({ partitionId, leader: 1 }))
  const choose = Partitioners.DefaultPartitioner()
  for await (const line of readline.createInterface({ input: process.stdin })) {
    pending.push(String(choose({ topic: 'any', partitionMetadata, message: { key: decode(line) } })))
  }
  await flush()
}

async function transact(transactionalId, groupId) {
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.length === 0) continue
    const { commit, offset, records } = JSON.parse(line)
    const transaction = await producer.transaction()
    await transaction.send({
      topic,
      acks: -1,
      messages: records.map(({ value, partition }) => ({ value: decode(value), partition })),
    })
    await transaction.sendOffsets({
      consumerGroupId: groupId,
      topics: [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }],
    })
    if (commit) await transaction.commit()
    else await transaction.abort()
  }
  await producer.disconnect()
}

async function admin() {
  const client = kafka.admin()
  await client.connect()
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.length === 0) continue
    const { call, with: argument } = JSON.parse(line)
    try {
      pending.push(JSON.stringify({ result: (await client[call](argument)) ?? null }))
    } catch (error) {
      const first = error.errors ? error.errors[0] : error
      pending.push(JSON.stringify({ error: first.message, code: first.code ?? null }))
    }
  }
  await flush()
  await client.disconnect()
}

const verbs = { admin, produce, fetch, consume, partition, transact }
verbs[verb](...rest).then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  }
)
