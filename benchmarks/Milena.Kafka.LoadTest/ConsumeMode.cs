namespace Milena.Kafka.LoadTest;

/// <summary>How the consumer hands records out.</summary>
internal enum ConsumeMode
{
    /// <summary>One typed record after the other.</summary>
    Records,

    /// <summary>Batches of typed records.</summary>
    Batches,

    /// <summary>Batches of stored bytes.</summary>
    Raw,
}
