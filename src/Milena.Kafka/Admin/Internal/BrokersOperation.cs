using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal;

/// <summary>Asks any broker which brokers there are now.</summary>
internal sealed class BrokersOperation : Operation<Whole, MetadataRequest, MetadataResponse, IReadOnlyList<int>>
{
    public override Api Api => Apis.Metadata;

    public override Route RouteOf(Whole key) => Route.Any;

    // No topics, which only version 0 takes for all.
    public override MetadataRequest CreateRequest(IReadOnlyList<Whole> keys, short version) => new() { Topics = [], AllowAutoTopicCreation = version < 4 };

    public override void Read(IReadOnlyList<Whole> keys, MetadataResponse response, AnswerSheet<Whole, IReadOnlyList<int>> answers) =>
        answers.Succeed(keys[0], [.. response.Brokers.Select(broker => broker.NodeId)]);

    public override string Describe(Whole key) => "Learning the brokers of the cluster";
}
