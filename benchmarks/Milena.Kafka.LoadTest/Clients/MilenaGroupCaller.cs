using System.Diagnostics;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Awaits deliveries of this client one after the other.</summary>
internal sealed class MilenaGroupCaller(Producer<byte[]?, byte[]> producer, string topic, LatencyRecorder latency, int sampleEvery) : IGroupCaller
{
    private ValueTask<DeliveryResult>[] _deliveries = [];
    private long[] _calledAt = [];

    public async ValueTask ProduceAsync(byte[][] keys, byte[] value, int count, long? since)
    {
        if (_deliveries.Length != count)
        {
            _deliveries = new ValueTask<DeliveryResult>[count];
            _calledAt = new long[count];
        }

        int key = 0;
        for (int i = 0; i < count; i++)
        {
            if (i % sampleEvery == 0)
            {
                _calledAt[i] = since ?? Stopwatch.GetTimestamp();
            }

            _deliveries[i] = producer.ProduceAsync(topic, keys.Length == 0 ? null : keys[key++ % keys.Length], value);
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
