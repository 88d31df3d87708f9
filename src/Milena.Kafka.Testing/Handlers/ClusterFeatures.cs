using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Faults;
using Milena.Kafka.Testing.Groups;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>The features of the cluster and who obeys them.</summary>
internal sealed class ClusterFeatures(ServedApis served, GroupCoordinator groups, TransactionCoordinator transactions)
{
    private const string GroupVersion = "group.version";
    private const string MetadataVersion = "metadata.version";
    private const string TransactionVersion = "transaction.version";

    // From 3.3-IV3 to 4.2-IV1.
    private const short LowestMetadataVersion = 7;
    private const short HighestMetadataVersion = 29;

    /// <summary>Counts the changes.</summary>
    public long Epoch => groups.FeatureEpoch + transactions.FeatureEpoch;

    public IEnumerable<ClusterFeature> All
    {
        get
        {
            if (served.TryGet(ApiKey.UpdateFeatures, out _, out _, out _))
            {
                yield return new(MetadataVersion, LowestMetadataVersion, HighestMetadataVersion, HighestMetadataVersion, Change: null);
            }

            if (served.TryGet(ApiKey.ConsumerGroupHeartbeat, out _, out _, out _))
            {
                yield return new(GroupVersion, 0, 1, (short)(groups.ServesConsumerProtocol ? 1 : 0), level => groups.ServesConsumerProtocol = level == 1);
            }

            if (served.TryGet(ApiKey.EndTxn, out _, out _, out _))
            {
                yield return new(TransactionVersion, 0, TestClusterOptions.HighestTransactionVersion, (short)transactions.Version, level => transactions.Version = level);
            }
        }
    }
}
