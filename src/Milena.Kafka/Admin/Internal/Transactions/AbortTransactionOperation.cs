using Milena.Kafka.Cluster.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Admin.Internal.Transactions;

/// <summary>Writes the marker that ends a hanging transaction in one partition, past its coordinator (KIP-664).</summary>
internal sealed class AbortTransactionOperation : Operation<HangingTransaction, WriteTxnMarkersRequest, WriteTxnMarkersResponse, bool>
{
    public override Api Api => Apis.WriteTxnMarkers;

    public override TimeSpan? TopicPatience => AdminErrors.TopicPatience;

    public override int KeysPerRequest(short version) => 1;

    public override Route RouteOf(HangingTransaction key) => Route.ToLeader(key.Partition);

    public override WriteTxnMarkersRequest CreateRequest(IReadOnlyList<HangingTransaction> keys, short version) => new()
    {
        Markers =
        [
            new WriteTxnMarkersRequest.WritableTxnMarker
            {
                ProducerId = keys[0].ProducerId,
                ProducerEpoch = keys[0].ProducerEpoch,
                CoordinatorEpoch = keys[0].CoordinatorEpoch,
                TransactionResult = false,
                Topics = [new WriteTxnMarkersRequest.WritableTxnMarkerTopic { Name = keys[0].Partition.Topic, PartitionIndexes = [keys[0].Partition.Partition] }],
            },
        ],
    };

    public override void Read(IReadOnlyList<HangingTransaction> keys, WriteTxnMarkersResponse response, AnswerSheet<HangingTransaction, bool> answers)
    {
        if (response.Markers is [{ Topics: [{ Partitions: [var partition] }] }])
        {
            answers.Note(keys[0], partition.ErrorCode, null, true);
        }
    }

    public override string Describe(HangingTransaction key) => $"Aborting the transaction of producer {key.ProducerId} in {key.Partition}";
}
