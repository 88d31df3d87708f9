using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Transactions;

/// <summary>What became of a wish to end a transaction: an error, or who the producer is from now on.</summary>
internal readonly record struct EndResult(ErrorCode Error, ProducerIdentity Producer)
{
    public static EndResult Failed(ErrorCode error) => new(error, ProducerIdentity.None);
}
