using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Milena.Kafka.Cli.Verification;

/// <summary>Writes what became of each record, in order of events, and the sums at the end. Any thread may add; one loop writes.</summary>
internal sealed class DeliveryReport : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Channel<DeliveryEvent> _events = Channel.CreateUnbounded<DeliveryEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PipeWriter _output;
    private readonly Utf8JsonWriter? _json;
    private readonly Action _written;

    /// <summary>Makes one.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="isJson">Whether each event is a line of JSON; else there are only the sums, as text.</param>
    /// <param name="written">Called after each event is written: what is not bounds how many there may be.</param>
    public DeliveryReport(PipeWriter output, bool isJson, Action written)
    {
        _output = output;
        _json = isJson ? new Utf8JsonWriter(output) : null;
        _written = written;
    }

    /// <summary>The sums of what was written so far. Read when <see cref="WriteAsync"/> has ended.</summary>
    public DeliverySums Sums { get; } = new();

    public void Add(DeliveryEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>There will be no more events.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Writes events until there will be no more, then the sums.</summary>
    public async Task WriteAsync()
    {
        while (await _events.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_output.UnflushedBytes < FlushAt && _events.Reader.TryRead(out DeliveryEvent happened))
            {
                Write(happened);
                _written();
            }

            await _output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        WriteSums();
        await _output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public void Dispose() => _json?.Dispose();

    private void Write(in DeliveryEvent happened)
    {
        Sums.Add(happened.Status);
        if (_json is not { } json)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("event", NameOf(happened.Status));
        json.WriteNumber("number", happened.Number);
        if (happened.Partition >= 0)
        {
            json.WriteNumber("partition", happened.Partition);
        }

        if (happened.Status is null)
        {
            json.WriteNumber("offset", happened.Offset);
        }
        else
        {
            json.WriteString("reason", happened.Reason);
        }

        EndLine(json);
    }

    private static string NameOf(DeliveryStatus? status) => status switch
    {
        null => "stored",
        DeliveryStatus.NotStored => "failed",
        _ => "unknown",
    };

    private void WriteSums()
    {
        if (_json is { } json)
        {
            json.WriteStartObject();
            json.WriteString("event", "sums");
            json.WriteNumber("records", Sums.Total);
            json.WriteNumber("stored", Sums.Stored);
            json.WriteNumber("failed", Sums.Failed);
            json.WriteNumber("unknown", Sums.Unknown);
            EndLine(json);
            return;
        }

        string text = string.Create(CultureInfo.InvariantCulture, $"{Sums.Total} records: {Sums.Stored} stored, {Sums.Failed} failed, {Sums.Unknown} unknown\n");
        Encoding.UTF8.GetBytes(text, _output);
    }

    private void EndLine(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        _output.GetSpan(1)[0] = (byte)'\n';
        _output.Advance(1);
    }
}
