using Milena.Kafka.Protocol;

namespace Milena.Kafka.Cluster.Internal;

/// <summary>What became of one part of an operation: a value, or an error code with the exception that a user would see.</summary>
internal readonly struct Answer<TResult>
{
    private readonly TResult _value;

    private Answer(TResult value, KafkaException? failure)
    {
        _value = value;
        Failure = failure;
    }

    public KafkaException? Failure { get; }

    public ErrorCode Error => Failure?.Code ?? ErrorCode.None;

    /// <summary>The value.</summary>
    /// <exception cref="KafkaException">This part failed.</exception>
    public TResult Value => Failure is null ? _value : throw Failure;

    public static Answer<TResult> Of(TResult value) => new(value, null);

    public static Answer<TResult> Failed(KafkaException failure) => new(default!, failure);
}
