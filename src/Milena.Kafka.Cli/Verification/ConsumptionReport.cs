using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using System.Threading.Channels;

namespace Milena.Kafka.Cli.Verification;

/// <summary>Writes what happens to a member of a group, and to its transactions, in order, a line for each event. Any thread may add; one loop writes.</summary>
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
    /// <param name="stop">Is set off if nobody reads any more: nothing is left to work for.</param>
    public async Task WriteAsync(CancellationTokenSource stop)
    {
        try
        {
            await WriteAsync().ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose() => _json?.Dispose();

    private async Task WriteAsync()
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

    private static string Text(ConsumptionEvent happened) => happened switch
    {
        ConsumptionEvent.Record record => string.Create(CultureInfo.InvariantCulture, $"record {record.Partition} {record.Offset}"),
        ConsumptionEvent.Ownership change => $"{change.Name} {string.Join(' ', change.Partitions.Select(p => p.Partition))}",
        ConsumptionEvent.Commit commit => $"commit {string.Join(' ', commit.Offsets.Select(o => $"{o.Partition.Partition}:{o.Offset}"))}",
        ConsumptionEvent.Transaction { Ended: var ended } transaction => string.Create(
            CultureInfo.InvariantCulture,
            $"{transaction.Name} {string.Join(' ', ended.Inputs.Select(i => $"{i.Partition.Partition}:{i.FirstOffset}-{i.NextOffset}"))}{(ended.Failure is { } failure ? $" ({failure.Message})" : "")}"),
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
            case ConsumptionEvent.Transaction transaction:
                WriteTransaction(json, transaction);
                break;
            default:
                throw new InvalidOperationException($"{happened} has no line.");
        }

        json.WriteEndObject();
        json.Flush();
        json.Reset();
        _output.Write("\n"u8);
    }

    private static void WriteTransaction(Utf8JsonWriter json, ConsumptionEvent.Transaction transaction)
    {
        json.WriteString("event", transaction.Name);
        json.WriteStartArray("inputs");
        foreach (TransactionInput input in transaction.Ended.Inputs)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", input.Partition.Partition);
            json.WriteNumber("first", input.FirstOffset);
            json.WriteNumber("next", input.NextOffset);
            json.WriteNumber("records", input.Records);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (transaction.Ended.Cause is { } cause)
        {
            json.WriteString("cause", cause.ToString().ToLowerInvariant());
        }

        if (transaction.Ended.Failure is { } failure)
        {
            json.WriteString("reason", failure.Message);
        }
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
