using System.Collections.Concurrent;
using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing;

namespace Milena.Kafka.Tests.Consumer.Groups;

/// <summary>An embedded cluster, and members of a group that note what they see.</summary>
public abstract class GroupTest : ConsumerTest
{
    protected const string Group = "billing";

    /// <summary>By which protocol the members join, unless they say otherwise.</summary>
    protected GroupProtocol Protocol { get; init; } = GroupProtocol.Classic;

    protected bool IsClassic => Protocol == GroupProtocol.Classic;

    protected ApiKey HeartbeatApi => IsClassic ? ApiKey.Heartbeat : ApiKey.ConsumerGroupHeartbeat;

    protected override TestClusterOptions ClusterOptions => new() { AutoCreateTopics = false, ConsumerGroupHeartbeatInterval = TimeSpan.FromMilliseconds(50), ConsumerGroupSessionTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>Quick enough for tests, slow enough for a busy machine.</summary>
    protected ConsumerOptions Options(Action<ConsumerOptions>? change = null)
    {
        var options = new ConsumerOptions
        {
            GroupId = Group,
            Topics = { Topic },
            GroupProtocol = Protocol,
            AutoCommitInterval = TimeSpan.FromMilliseconds(50),
            FetchMaxWait = TimeSpan.FromMilliseconds(50),
            CloseTimeout = TimeSpan.FromSeconds(10),
        };
        if (Protocol != GroupProtocol.Consumer)
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            options.SessionTimeout = TimeSpan.FromSeconds(10);
        }

        change?.Invoke(options);
        return options;
    }

    /// <summary>Leaves a case out if members of this protocol do not use the API.</summary>
    protected void Skip(ApiKey api)
    {
        bool isOfOtherProtocol = IsClassic ? api == ApiKey.ConsumerGroupHeartbeat : api is ApiKey.JoinGroup or ApiKey.SyncGroup or ApiKey.Heartbeat or ApiKey.LeaveGroup;
        Assume.That(isOfOtherProtocol, Is.False, $"{api} is not of this protocol");
    }

    /// <summary>How many members have told the coordinator that they go.</summary>
    protected long CountLeaves() => Cluster.ReceivedCount(ApiKey.LeaveGroup) + Cluster.Received<ConsumerGroupHeartbeatRequest>().Count(r => r.MemberEpoch == -1);

    protected static IList<IPartitionAssignor> Only(ConsumerOptions options, IPartitionAssignor assignor)
    {
        if (options.GroupProtocol == GroupProtocol.Consumer)
        {
            // What comes nearest among those of the brokers.
            options.GroupRemoteAssignor = assignor.Name == "range" ? "range" : "uniform";
            return options.Assignors;
        }

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
            if (answer.Groups[0].ErrorCode == ErrorCode.None && answer.Groups[0].GroupState != "Dead")
            {
                return answer.Groups[0];
            }
        }

        throw new InvalidOperationException("No broker knows the group.");
    }
}
