using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Output;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>Takes records out of the lines of a stream, one line at a time, and tells of lines that are none.</summary>
/// <param name="format">How a line is a record.</param>
/// <param name="skipsMalformed">Whether to go on behind a line that is none.</param>
internal sealed class RecordInput(ILineFormat format, bool skipsMalformed)
{
    private long _line;

    /// <summary>The lines that were no records.</summary>
    public long Malformed { get; private set; }

    /// <summary>Whether the input was left at such a line.</summary>
    public bool IsStopped => Malformed > 0 && !skipsMalformed;

    /// <summary>Reads to the end of the stream, or to a line that is no record.</summary>
    public async Task ReadAsync(Stream source, Func<ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>, ValueTask> take, CancellationToken cancellationToken)
    {
        var input = PipeReader.Create(source);
        Progress progress = Progress.OnTerminal("records", total: null, isAlone: Console.IsInputRedirected);
        await using ConfiguredAsyncDisposable shown = progress.ConfigureAwait(false);
        while (true)
        {
            // A read of a terminal or pipe cannot be cancelled: it is left behind, or Ctrl-C would have to wait for the next line.
            ReadResult read = await input.ReadAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (!IsStopped && TryTakeLine(ref rest, read.IsCompleted, out byte[] line))
            {
                if (Read(line) is { } record)
                {
                    await take(record).ConfigureAwait(false);
                    progress.Add(line.Length);
                }
            }

            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted || IsStopped)
            {
                return;
            }
        }
    }

    /// <summary>Takes the next whole line; at the end of the input also one that no line feed ends.</summary>
    private static bool TryTakeLine(ref ReadOnlySequence<byte> input, bool isLast, out byte[] line)
    {
        SequencePosition? end = input.PositionOf((byte)'\n');
        if (end is null && (!isLast || input.IsEmpty))
        {
            line = [];
            return false;
        }

        line = (end is null ? input : input.Slice(0, end.Value)).ToArray();
        input = input.Slice(end is null ? input.End : input.GetPosition(1, end.Value));
        return true;
    }

    private ProducerRecord<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>? Read(byte[] line)
    {
        _line++;
        try
        {
            return format.Read(line);
        }
        catch (MalformedLineException fault)
        {
            Malformed++;
            Console.Error.WriteLine($"milena: line {_line}, column {fault.Column}: {fault.Message}");
            return null;
        }
    }
}
