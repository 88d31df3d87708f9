namespace Milena.Kafka.LoadTest.Clients;

/// <summary>A consumer as the load test drives it.</summary>
internal interface ILoadConsumer : IAsyncDisposable
{
    /// <summary>Consumes at least so many records from where it stands.</summary>
    /// <returns>How many they were.</returns>
    Task<long> ConsumeAsync(long records);
}
