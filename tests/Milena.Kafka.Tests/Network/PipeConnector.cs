using System.Net;
using System.Threading.Channels;

namespace Milena.Kafka.Tests.Network;

/// <summary>Connects in memory; the broker's ends come out of <see cref="AcceptAsync"/>.</summary>
internal sealed class PipeConnector(int window = 1024 * 1024) : ITransportConnector
{
    private readonly Channel<ScriptedBroker> _accepted = Channel.CreateUnbounded<ScriptedBroker>();

    /// <summary>Decorates the client's end.</summary>
    public Func<Stream, Stream> Decorate { get; init; } = stream => stream;

    public ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        (PipeStream client, PipeStream server) = PipeStream.CreatePair(window);
        _accepted.Writer.TryWrite(new ScriptedBroker(server));
        return ValueTask.FromResult(Decorate(client));
    }

    public ValueTask<ScriptedBroker> AcceptAsync(CancellationToken cancellationToken) => _accepted.Reader.ReadAsync(cancellationToken);
}
