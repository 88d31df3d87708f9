using System.Collections.Concurrent;
using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>An embedded cluster, and members of a group that note what they see.</summary>
public abstract class GroupTest : ConsumerTest
{
    protected const string Group = "billing";

    /// <summary>Quick enough for tests, slow enough for a busy machine.</summary>
    protected static ConsumerOptions Options(Action<ConsumerOptions>? change = null)
    {
        var options = new ConsumerOptions
        {
            GroupId = Group,
            Topics = { Topic },
            HeartbeatInterval = TimeSpan.FromMilliseconds(50),
            SessionTimeout = TimeSpan.FromSeconds(10),
            AutoCommitInterval = TimeSpan.FromMilliseconds(50),
            FetchMaxWait = TimeSpan.FromMilliseconds(50),
            CloseTimeout = TimeSpan.FromSeconds(10),
        };
        change?.Invoke(options);
        return options;
    }

    protected static IList<IPartitionAssignor> Only(ConsumerOptions options, IPartitionAssignor assignor)
    {
        options.Assignors.Clear();
        options.Assignors.Add(assignor);
        return options.Assignors;
    }

    protected GroupMemberRig Member(string name, Action<ConsumerOptions>? change = null, KafkaClient? kafka = null) => new(name, kafka ?? Kafka, Options(change), Log);

    /// <summary>All records that members have finished.</summary>
    protected ConcurrentQueue<(string Member, TopicPartition Partition, long Offset)> Seen => Log.Records;

    protected GroupLog Log { get; } = new();

    protected async Task StoreAllAsync(int partitions, int from, int count)
    {
        for (int partition = 0; partition < partitions; partition++)
        {
            await StoreAsync(partition, from, count);
        }
    }

    /// <summary>What the group has committed for each partition; -1 for nothing.</summary>
    protected async Task<long[]> CommittedAsync(int partitions)
    {
        await using Consumer<string, string> outsider = Kafka.CreateConsumer<string, string>(new ConsumerOptions { GroupId = Group });
        TopicPartition[] all = [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(Topic, p))];
        IReadOnlyDictionary<TopicPartition, PartitionOffset> committed = await outsider.GetCommittedAsync(all);
        return [.. all.Select(p => committed.TryGetValue(p, out PartitionOffset? c) ? c.Offset : -1)];
    }

    protected void AssertAllSeen(int partitions, int perPartition)
    {
        ILookup<TopicPartition, long> seen = Seen.ToLookup(s => s.Partition, s => s.Offset);
        for (int partition = 0; partition < partitions; partition++)
        {
            Assert.That(seen[new TopicPartition(Topic, partition)].Distinct().Order(), Is.EqualTo(Enumerable.Range(0, perPartition).Select(i => (long)i)), $"partition {partition}");
        }
    }

    protected async Task<DescribeGroupsResponse.DescribedGroup> DescribeGroupAsync()
    {
        foreach (string address in Cluster.BootstrapServers.Split(','))
        {
            string[] parts = address.Split(':');
            await using Connection connection = await Connection.OpenAsync(
                new DnsEndPoint(parts[0], int.Parse(parts[1], null)), new ConnectionOptions { ClientId = "describe" }, new TcpConnector(), CancellationToken.None);
            DescribeGroupsResponse answer = await connection.SendAsync(new DescribeGroupsRequest { Groups = { Group } }, CancellationToken.None);
            if (answer.Groups[0].ErrorCode == Protocol.ErrorCode.None && answer.Groups[0].GroupState != "Dead")
            {
                return answer.Groups[0];
            }
        }

        throw new InvalidOperationException("No broker knows the group.");
    }
}
