using System.Globalization;
using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Consumer.Internal;

/// <summary>Writes the headers with which a record goes to a dead-letter or retry topic, and reads those of a record that came from one.</summary>
internal static class FailureNote
{
    private const int LongestMessage = 4096;

    private static readonly string[] OfOrigin = [FailureHeaders.Topic, FailureHeaders.Partition, FailureHeaders.Offset, FailureHeaders.Timestamp];
    private static readonly string[] OfFailure = [FailureHeaders.Group, FailureHeaders.Part, FailureHeaders.ExceptionType, FailureHeaders.ExceptionMessage];
    private static readonly string[] OfRetry = [FailureHeaders.Attempt, FailureHeaders.Due];

    /// <summary>The record's own headers, then where it came from first, then the failure, then the retry if there is to be one.</summary>
    public static List<RecordHeader> Write(RecordHeaders headers, in FailedPlace place, Exception failure, string? groupId, RecordPart? part, RetryDue? retry)
    {
        var written = new List<RecordHeader>();
        bool hasOrigin = false;
        foreach (RecordHeader header in headers)
        {
            string name = header.Key;
            hasOrigin |= name == FailureHeaders.Topic;
            if (!OfFailure.Contains(name) && !OfRetry.Contains(name))
            {
                written.Add(header);
            }
        }

        if (!hasOrigin)
        {
            written.RemoveAll(h => OfOrigin.Contains(h.Key));
            Add(written, FailureHeaders.Topic, place.Partition.Topic);
            Add(written, FailureHeaders.Partition, place.Partition.Partition);
            Add(written, FailureHeaders.Offset, place.Offset);
            Add(written, FailureHeaders.Timestamp, place.UnixTimestamp);
        }

        if (groupId is not null)
        {
            Add(written, FailureHeaders.Group, groupId);
        }

        if (part is { } unreadable)
        {
            Add(written, FailureHeaders.Part, unreadable == RecordPart.Key ? "key" : "value");
        }

        Add(written, FailureHeaders.ExceptionType, failure.GetType().FullName ?? failure.GetType().Name);
        Add(written, FailureHeaders.ExceptionMessage, failure.Message.Length > LongestMessage ? failure.Message[..LongestMessage] : failure.Message);
        if (retry is { } due)
        {
            Add(written, FailureHeaders.Attempt, due.Attempt);
            Add(written, FailureHeaders.Due, due.UnixTime);
        }

        return written;
    }

    /// <summary>What the headers say of the retry; nothing if they say nothing that can be read.</summary>
    public static RetryDue Read(RecordHeaders headers)
    {
        if (headers.Count == 0)
        {
            return default;
        }

        long attempt = 0;
        long due = 0;
        foreach (RecordHeader header in headers)
        {
            if (header.Utf8Key.Span.StartsWith("__milena.retry."u8))
            {
                attempt = header.Key == FailureHeaders.Attempt ? Number(header) : attempt;
                due = header.Key == FailureHeaders.Due ? Number(header) : due;
            }
        }

        return new RetryDue((int)Math.Clamp(attempt, 0, int.MaxValue), Math.Max(0, due));
    }

    private static long Number(RecordHeader header) =>
        long.TryParse(header.Value.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static void Add(List<RecordHeader> headers, string name, long value) => Add(headers, name, value.ToString(CultureInfo.InvariantCulture));

    private static void Add(List<RecordHeader> headers, string name, string value) => headers.Add(new RecordHeader(name, Encoding.UTF8.GetBytes(value)));
}
