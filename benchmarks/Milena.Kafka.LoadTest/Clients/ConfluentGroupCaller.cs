using System.Diagnostics;
using Confluent.Kafka;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Awaits deliveries of Confluent.Kafka one after the other.</summary>
internal sealed class ConfluentGroupCaller(IProducer<byte[]?, byte[]> producer, string topic, LatencyRecorder latency, int sampleEvery) : IGroupCaller
{
    private Task[] _deliveries = [];
    private long[] _calledAt = [];

    public async ValueTask ProduceAsync(byte[][] keys, byte[] value, int count, long? since)
    {
        if (_deliveries.Length != count)
        {
            _deliveries = new Task[count];
            _calledAt = new long[count];
        }

        int key = 0;
        for (int i = 0; i < count; i++)
        {
            if (i % sampleEvery == 0)
            {
                _calledAt[i] = since ?? Stopwatch.GetTimestamp();
            }

            _deliveries[i] = producer.ProduceAsync(topic, new Message<byte[]?, byte[]> { Key = keys.Length == 0 ? null : keys[key++ % keys.Length], Value = value });
        }

        for (int i = 0; i < count; i++)
        {
            await _deliveries[i];
            if (i % sampleEvery == 0)
            {
                latency.RecordSince(_calledAt[i]);
            }
        }
    }
}
