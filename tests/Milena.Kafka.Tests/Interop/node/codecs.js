// The codecs that kafkajs lacks, none of them native: kafkajs-snappy (on snappyjs), lz4js, and for Zstandard the C library as WebAssembly.
// fzstd, a decoder of its own in JavaScript, has to agree with what the C library reads.
'use strict'

const fzstd = require('fzstd')
const lz4 = require('lz4js')
const snappy = require('kafkajs-snappy')
const zstd = require('@bokuweb/zstd-wasm')

const isReady = zstd.init()

const lz4Codec = {
  compress: async encoder => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(lz4.decompress(buffer)),
}

const zstdCodec = {
  compress: async encoder => {
    await isReady
    return Buffer.from(zstd.compress(encoder.buffer, 3))
  },
  decompress: async buffer => {
    await isReady
    const bytes = Buffer.from(zstd.decompress(buffer))
    if (!bytes.equals(fzstd.decompress(buffer))) throw new Error('fzstd reads other bytes than libzstd')
    return bytes
  },
}

module.exports = { snappy, lz4: () => lz4Codec, zstd: () => zstdCodec }
