using System.Globalization;
using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Configs;
using Milena.Kafka.Testing.Groups.Consumer;
using Milena.Kafka.Testing.Groups.Share;
using Milena.Kafka.Testing.Handlers;
using Milena.Kafka.Testing.State;

namespace Milena.Kafka.Testing.Groups;

/// <summary>
/// The groups of the cluster. Every broker sees them, as if it had read the log of another that failed, but serves only those that are
/// its own. Thread-safe.
/// </summary>
internal sealed class GroupCoordinator(ClusterState cluster) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly GroupSettings _settings = GroupSettings.From(cluster.Options, cluster.NextGuid) with { ConsumerOf = id => SettingsOf(id, cluster) };

    /// <summary>The share groups; no other group goes by their ids.</summary>
    public ShareGroups Share { get; } = new();

    private bool _servesConsumerProtocol = cluster.Options.ConsumerGroupProtocol;
    private long _featureEpoch;

    /// <summary>Whether the KIP-848 protocol is served: <c>group.version</c> is 1, else 0.</summary>
    public bool ServesConsumerProtocol
    {
        get
        {
            lock (_gate)
            {
                return _servesConsumerProtocol;
            }
        }

        set
        {
            lock (_gate)
            {
                _featureEpoch += _servesConsumerProtocol == value ? 0 : 1;
                _servesConsumerProtocol = value;
            }
        }
    }

    /// <summary>How often features have changed.</summary>
    public long FeatureEpoch
    {
        get
        {
            lock (_gate)
            {
                return _featureEpoch;
            }
        }
    }

    /// <summary>Finds a group.</summary>
    public Group? Find(string groupId)
    {
        lock (_gate)
        {
            return _groups.GetValueOrDefault(groupId);
        }
    }

    public Group FindOrCreate(string groupId)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out Group? group))
            {
                _groups[groupId] = group = new Group(groupId, _settings, () => cluster.Catalog) { CoordinatorId = cluster.Coordinator(groupId)?.Id };
            }

            return group;
        }
    }

    /// <summary>Whether a group id is one, and the receiving broker looks after it.</summary>
    public ErrorCode Check(string groupId, RequestContext context)
    {
        if (groupId.Length == 0)
        {
            return ErrorCode.InvalidGroupId;
        }

        if (context.GroupRefusal(groupId) is { } refusal)
        {
            return refusal;
        }

        if (cluster.Coordinator(groupId)?.Id != context.Broker.Id)
        {
            return ErrorCode.NotCoordinator;
        }

        return Share.Find(groupId) is null || IsAboutShareGroups(context.Request.Api) ? ErrorCode.None
            : context.Request.Api == ApiKey.JoinGroup ? ErrorCode.InconsistentGroupProtocol
            : ErrorCode.GroupIdNotFound;
    }

    /// <summary>Lets groups know whose broker has stopped, has come back or has been changed.</summary>
    public void FollowCoordinators()
    {
        lock (_gate)
        {
            foreach (Group group in _groups.Values)
            {
                int? coordinator = cluster.Coordinator(group.Id)?.Id;
                if (group.CoordinatorId != coordinator)
                {
                    group.CoordinatorId = coordinator;
                    group.Recover();
                }
            }
        }
    }

    /// <summary>All groups of a broker as they are listed.</summary>
    public IEnumerable<(string Id, GroupSummary Summary)> SummariesOf(BrokerState broker) => GroupsOf(broker)
        .Select(group => (group.Id, group.Summary()))
        .Concat(Share.All
            .Where(group => cluster.Coordinator(group.Id)?.Id == broker.Id)
            .Select(group => (group.Id, new GroupSummary(nameof(GroupState.Empty), "share", "Share"))));

    private IReadOnlyList<Group> GroupsOf(BrokerState broker)
    {
        lock (_gate)
        {
            return [.. _groups.Values.Where(group => cluster.Coordinator(group.Id)?.Id == broker.Id)];
        }
    }

    public ErrorCode Delete(string groupId)
    {
        if (Share.Delete(groupId))
        {
            return ErrorCode.None;
        }

        lock (_gate)
        {
            if (!_groups.TryGetValue(groupId, out Group? group))
            {
                return ErrorCode.GroupIdNotFound;
            }

            ErrorCode error = group.Delete();
            if (error == ErrorCode.None)
            {
                _groups.Remove(groupId);
            }

            return error;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Group group in _groups.Values)
            {
                group.Dispose();
            }
        }
    }

    private static ConsumerGroupSettings SettingsOf(string groupId, ClusterState cluster)
    {
        IReadOnlyDictionary<string, string> set = cluster.Configs.SetOn(new ConfigKey(ConfigResourceType.Group, groupId));
        return new ConsumerGroupSettings(
            Time(GroupSchema.ConsumerSessionTimeout, cluster.Options.ConsumerGroupSessionTimeout),
            Time(GroupSchema.ConsumerHeartbeatInterval, cluster.Options.ConsumerGroupHeartbeatInterval),
            cluster.Options.GroupMaxSize);

        TimeSpan Time(string name, TimeSpan otherwise) =>
            set.TryGetValue(name, out string? value) ? TimeSpan.FromMilliseconds(long.Parse(value, CultureInfo.InvariantCulture)) : otherwise;
    }

    private static bool IsAboutShareGroups(ApiKey api) => api is ApiKey.ShareGroupDescribe or ApiKey.DescribeShareGroupOffsets or ApiKey.AlterShareGroupOffsets
        or ApiKey.DeleteShareGroupOffsets or ApiKey.DeleteGroups or ApiKey.StreamsGroupDescribe or ApiKey.FindCoordinator;
}
