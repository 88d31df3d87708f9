using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Testing.State;
using Milena.Kafka.Testing.Transactions;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>Moves partitions to other brokers, or takes moves back (KIP-455). A move waits only for brokers that do not run.</summary>
internal sealed class AlterPartitionReassignmentsHandler(TransactionCoordinator transactions)
    : RequestHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(Apis.AlterPartitionReassignments)
{
    protected override AlterPartitionReassignmentsResponse Handle(AlterPartitionReassignmentsRequest request, RequestContext context)
    {
        var response = new AlterPartitionReassignmentsResponse
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            ErrorMessage = null,
            Responses = [.. request.Topics.Select(topic => new AlterPartitionReassignmentsResponse.ReassignableTopicResponse
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions
                    .Select(partition => (partition.PartitionIndex, Refusal: Move(topic.Name, partition, request.AllowReplicationFactorChange, context.Cluster)))
                    .Select(result => new AlterPartitionReassignmentsResponse.ReassignablePartitionResponse
                    {
                        PartitionIndex = result.PartitionIndex,
                        ErrorCode = result.Refusal?.Code ?? ErrorCode.None,
                        ErrorMessage = result.Refusal?.Message,
                    })],
            })],
        };
        transactions.ContinueAll();
        return response;
    }

    protected override AlterPartitionReassignmentsResponse Fail(AlterPartitionReassignmentsRequest request, ErrorCode error, RequestContext context) => new()
    {
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };

    private static Refusal? Move(string topic, AlterPartitionReassignmentsRequest.ReassignablePartition wanted, bool mayChangeFactor, ClusterState cluster) =>
        cluster.Topic(topic) is not { } state
            ? new Refusal(ErrorCode.UnknownTopicOrPartition, $"Unable to find a topic named {topic}.")
            : state.Partition(wanted.PartitionIndex) is { } partition
                ? cluster.Reassign(partition, wanted.Replicas, mayChangeFactor)
                : new Refusal(ErrorCode.UnknownTopicOrPartition, $"Unable to find partition {topic}:{wanted.PartitionIndex}.");
}
