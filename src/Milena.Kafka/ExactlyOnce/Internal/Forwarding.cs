using Milena.Kafka.Consumer.Internal;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.ExactlyOnce.Internal;

/// <summary>Makes a record that a consumer sends on one that a producer takes.</summary>
internal static class Forwarding
{
    public static ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> ToProduced(this ForwardedRecord record)
    {
        var headers = new Headers();
        foreach (RecordHeader header in record.Headers)
        {
            headers.Add(header);
        }

        return new ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(record.Topic, record.Key, record.Value) { Headers = headers };
    }
}
