using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using System.Threading.Channels;

namespace Milena.Kafka.Cli.Verification;

/// <summary>Writes what happens to a member of a group, in order, a line for each event. Any thread may add; one loop writes.</summary>
internal sealed class ConsumptionReport : IRebalanceListener, IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Channel<ConsumptionEvent> _events = Channel.CreateUnbounded<ConsumptionEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly PipeWriter _output;
    private readonly Utf8JsonWriter? _json;

    /// <summary>Makes one.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="isJson">Whether they are JSON; else they are for people.</param>
    public ConsumptionReport(PipeWriter output, bool isJson)
    {
        _output = output;
        _json = isJson ? new Utf8JsonWriter(output) : null;
    }

    public void Add(ConsumptionEvent happened) => _events.Writer.TryWrite(happened);

    public ValueTask OnAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddOwnership("assigned", partitions);

    public ValueTask OnRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddOwnership("revoked", partitions);

    public ValueTask OnLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken) => AddOwnership("lost", partitions);

    /// <summary>There will be no more events.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Writes events until there will be no more.</summary>
    public async Task WriteAsync()
    {
        while (await _events.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (_output.UnflushedBytes < FlushAt && _events.Reader.TryRead(out ConsumptionEvent? happened))
            {
                if (_json is { } json)
                {
                    Write(json, happened);
                }
                else
                {
                    Encoding.UTF8.GetBytes(Text(happened) + "\n", _output);
                }
            }

            await _output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _json?.Dispose();

    private static string Text(ConsumptionEvent happened) => happened switch
    {
        ConsumptionEvent.Record record => string.Create(CultureInfo.InvariantCulture, $"record {record.Partition} {record.Offset}"),
        ConsumptionEvent.Ownership change => $"{change.Name} {string.Join(' ', change.Partitions.Select(p => p.Partition))}",
        ConsumptionEvent.Commit commit => $"commit {string.Join(' ', commit.Offsets.Select(o => $"{o.Partition.Partition}:{o.Offset}"))}",
        _ => throw new InvalidOperationException($"{happened} has no line."),
    };

    private void Write(Utf8JsonWriter json, ConsumptionEvent happened)
    {
        json.WriteStartObject();
        switch (happened)
        {
            case ConsumptionEvent.Record record:
                json.WriteString("event", "record");
                json.WriteNumber("partition", record.Partition);
                json.WriteNumber("offset", record.Offset);
                WriteValue(json, record.Value);
                break;
            case ConsumptionEvent.Ownership change:
                json.WriteString("event", change.Name);
                json.WriteStartArray("partitions");
                foreach (int number in change.Partitions.Select(p => p.Partition))
                {
                    json.WriteNumberValue(number);
                }

                json.WriteEndArray();
                break;
            case ConsumptionEvent.Commit commit:
                json.WriteString("event", "commit");
                json.WriteStartArray("offsets");
                foreach (PartitionOffset offset in commit.Offsets)
                {
                    json.WriteStartObject();
                    json.WriteNumber("partition", offset.Partition.Partition);
                    json.WriteNumber("offset", offset.Offset);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"{happened} has no line.");
        }

        json.WriteEndObject();
        json.Flush();
        json.Reset();
        _output.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter json, ReadOnlyMemory<byte>? value)
    {
        if (value is not { } present)
        {
            json.WriteNull("value");
        }
        else if (Utf8.IsValid(present.Span))
        {
            json.WriteString("value", present.Span);
        }
        else
        {
            json.WriteStartObject("value");
            json.WriteBase64String("base64", present.Span);
            json.WriteEndObject();
        }
    }

    private ValueTask AddOwnership(string name, IReadOnlyList<TopicPartition> partitions)
    {
        Add(new ConsumptionEvent.Ownership(name, partitions));
        return ValueTask.CompletedTask;
    }
}
