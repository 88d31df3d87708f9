namespace Milena.Kafka.Tests.EndToEnd;

/// <summary>A cluster whose brokers can be killed and started again.</summary>
internal sealed record StormTarget(string BootstrapServers, IReadOnlyList<int> Brokers, Func<int, Task> KillAsync, Func<int, CancellationToken, Task> StartAsync);
