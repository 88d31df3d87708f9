namespace Milena.Kafka.LoadTest.Clients;

/// <summary>A consumer as the load test drives it: of all partitions of a topic, from their beginning.</summary>
internal interface ILoadConsumer : IAsyncDisposable
{
    /// <summary>Consumes at least so many records from where it stands.</summary>
    /// <returns>How many they were.</returns>
    Task<long> ConsumeAsync(long records);

    /// <summary>Goes back to the beginning of all partitions.</summary>
    void Rewind();
}
