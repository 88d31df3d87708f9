using System.Text.Json;

namespace Milena.Kafka.Cli.Tests;

/// <summary>Judges a member of a group from outside, by the lines of <c>milena verify consume --json</c> alone. The first line that breaks a rule is an exception.</summary>
internal sealed class ConsumptionChecker
{
    private readonly HashSet<int> _owned = [];
    private readonly Dictionary<int, long> _next = [];

    public ConsumptionChecker(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            JsonElement element = JsonDocument.Parse(line).RootElement;
            string name = element.GetProperty("event").GetString()!;
            Events.Add(name);
            switch (name)
            {
                case "record":
                    Take(element, line);
                    break;
                case "assigned":
                    _owned.UnionWith(Partitions(element));
                    break;
                case "revoked" or "lost":
                    Give(element, line);
                    break;
                case "commit":
                    Commit(element, line);
                    break;
                default:
                    throw new FormatException($"No event: {line}");
            }
        }
    }

    public List<string> Events { get; } = [];

    /// <summary>Partition, offset and value of each record, in the order of the lines.</summary>
    public List<(int Partition, long Offset, string? Value)> Records { get; } = [];

    /// <summary>The last committed offset of each partition.</summary>
    public Dictionary<int, long> Committed { get; } = [];

    public IReadOnlyCollection<int> Owned => _owned;

    private static IEnumerable<int> Partitions(JsonElement line) => line.GetProperty("partitions").EnumerateArray().Select(p => p.GetInt32());

    private void Take(JsonElement record, string line)
    {
        int partition = record.GetProperty("partition").GetInt32();
        long offset = record.GetProperty("offset").GetInt64();
        if (!_owned.Contains(partition) || (_next.TryGetValue(partition, out long next) && offset < next))
        {
            throw new InvalidOperationException($"A record of a partition that is not owned, or out of order: {line}");
        }

        _next[partition] = offset + 1;
        Records.Add((partition, offset, record.GetProperty("value").GetString()));
    }

    private void Give(JsonElement change, string line)
    {
        foreach (int partition in Partitions(change))
        {
            if (!_owned.Remove(partition))
            {
                throw new InvalidOperationException($"A partition goes that was not there: {line}");
            }

            // It may come back at the committed offset, before what was processed and not committed.
            _next.Remove(partition);
        }
    }

    private void Commit(JsonElement commit, string line)
    {
        foreach (JsonElement entry in commit.GetProperty("offsets").EnumerateArray())
        {
            int partition = entry.GetProperty("partition").GetInt32();
            long offset = entry.GetProperty("offset").GetInt64();
            bool isBehind = Committed.TryGetValue(partition, out long before) && offset < before;
            bool isAhead = _next.TryGetValue(partition, out long next) && offset > next;
            if (!_owned.Contains(partition) || isBehind || isAhead)
            {
                throw new InvalidOperationException($"A commit of a partition that is not owned, behind the last, or ahead of what is processed: {line}");
            }

            Committed[partition] = offset;
        }
    }
}
