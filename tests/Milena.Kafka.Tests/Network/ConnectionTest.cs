using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Network;

/// <summary>What tests of connections need: an open connection and its far end, a clock moved by hand, a time limit.</summary>
internal abstract class ConnectionTest
{
    private CancellationTokenSource _limit = null!;

    protected static DnsEndPoint Endpoint { get; } = new("broker-1", 9092);

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Limit => _limit.Token;

    protected ManualTimeProvider Time { get; private set; } = null!;

    [SetUp]
    public void SetUp()
    {
        _limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Time = new ManualTimeProvider();
    }

    [TearDown]
    public void TearDown() => _limit.Dispose();

    protected ConnectionOptions Options(int maxInFlight = 100, int maxFrameSize = 1024 * 1024) =>
        new() { ClientId = "test", TimeProvider = Time, MaxInFlight = maxInFlight, MaxFrameSize = maxFrameSize };

    /// <summary>Opens a connection in memory.</summary>
    protected async Task<(Connection Connection, ScriptedBroker Broker)> OpenAsync(ConnectionOptions? options = null, PipeConnector? connector = null, ApiVersionsResponse? versions = null)
    {
        connector ??= new PipeConnector();
        Task<Connection> opening = Connection.OpenAsync(Endpoint, options ?? Options(), connector, Limit);
        ScriptedBroker broker = await connector.AcceptAsync(Limit);
        await broker.NegotiateAsync(Limit, versions);
        return (await opening, broker);
    }

    /// <summary>Begins to open a connection in memory.</summary>
    protected async Task<(Task<Connection> Opening, ScriptedBroker Broker)> BeginOpenAsync(ConnectionOptions? options = null)
    {
        var connector = new PipeConnector();
        Task<Connection> opening = Connection.OpenAsync(Endpoint, options ?? Options(), connector, Limit);
        return (opening, await connector.AcceptAsync(Limit));
    }

    /// <summary>The exception that a task ends with, within the time limit.</summary>
    protected async Task<TException> FailureAsync<TException>(Task task)
        where TException : Exception
    {
        Task ended = await Task.WhenAny(task, Task.Delay(Timeout.Infinite, Limit));
        Assert.That(ended, Is.SameAs(task), "the task did not end");
        return (await Assert.CatchAsync<TException>(() => task))!;
    }

    protected static HeartbeatRequest Heartbeat(string member = "m") => new() { GroupId = "g", MemberId = member, GenerationId = 1 };

    /// <summary>A Produce request whose records are large enough to travel by reference.</summary>
    protected static ProduceRequest Produce(ReadOnlyMemory<byte> records, short acks = 1) => new()
    {
        Acks = acks,
        TimeoutMs = 1000,
        TopicData = [new() { Name = "t", PartitionData = [new() { Index = 0, Records = records }] }],
    };
}
