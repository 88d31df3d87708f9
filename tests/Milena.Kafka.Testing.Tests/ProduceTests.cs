using System.Buffers.Binary;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;
using Milena.Kafka.Protocol.Records;
using static Milena.Kafka.Testing.Tests.Requests;

namespace Milena.Kafka.Testing.Tests;

internal sealed class ProduceTests : ClusterTest
{
    [Test]
    public async Task Records_are_stored_in_order_with_offsets_of_their_own()
    {
        Cluster.CreateTopic(Topic);

        ProduceResponse.PartitionProduceResponse first = await Client.ProduceAsync(Batch("a", "b"), Bound);
        ProduceResponse.PartitionProduceResponse second = await Client.ProduceAsync(Batch("c"), Bound);

        Assert.That(first.BaseOffset, Is.Zero);
        Assert.That(second.BaseOffset, Is.EqualTo(2));
        Assert.That(second.LogAppendTimeMs, Is.EqualTo(-1));
        Assert.That(second.LogStartOffset, Is.Zero);
        Assert.That(Cluster.Records(Topic, 0).Select(record => record.Offset), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(Cluster.Batches(Topic, 0), Has.All.Matches<RecordBatch>(batch => batch.HasValidCrc() && batch.LeaderEpoch == 0));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(3));
    }

    [Test]
    public async Task Retention_bytes_deletes_the_oldest_records_and_the_log_starts_behind_them()
    {
        Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["retention.bytes"] = "20000" });
        string value = new('x', 5_000);
        for (int i = 0; i < 20; i++)
        {
            await Client.ProduceAsync(Batch(value), Bound);
        }

        ProduceResponse.PartitionProduceResponse last = await Client.ProduceAsync(Batch("last"), Bound);

        Assert.That(last.BaseOffset, Is.EqualTo(20));
        Assert.That(last.LogStartOffset, Is.InRange(1, 16));
        Assert.That(Cluster.Records(Topic, 0).Select(record => record.Offset), Is.EqualTo(Enumerable.Range((int)last.LogStartOffset, 21 - (int)last.LogStartOffset)));
    }

    [Test]
    public async Task A_topic_that_does_not_exist_is_an_error_and_is_not_created()
    {
        Assert.That((await Client.ProduceAsync(Batch("a"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That((await Client.ProduceAsync(Batch("a"), Bound, version: 13, topicId: Guid.NewGuid())).ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicId));
        Assert.That(Cluster.Topics, Is.Empty);
    }

    [Test]
    public async Task A_partition_out_of_range_is_an_error()
    {
        Cluster.CreateTopic(Topic);

        Assert.That((await Client.ProduceAsync(Batch("a"), Bound, partition: 1)).ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
        Assert.That((await Client.ProduceAsync(Batch("a"), Bound, partition: -1)).ErrorCode, Is.EqualTo(ErrorCode.UnknownTopicOrPartition));
    }

    [Test]
    public async Task A_topic_is_addressed_by_id_from_version_13_on()
    {
        Guid id = Cluster.CreateTopic(Topic);

        Assert.That((await Client.ProduceAsync(Batch("a"), Bound, version: 13, topicId: id)).ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.EqualTo(1));
    }

    [Test]
    public async Task A_flipped_bit_is_a_corrupt_message()
    {
        Cluster.CreateTopic(Topic);
        byte[] batch = Batch("abc");
        batch[^2] ^= 1;

        Assert.That((await Client.ProduceAsync(batch, Bound)).ErrorCode, Is.EqualTo(ErrorCode.CorruptMessage));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.Zero);
    }

    [TestCase(0, ExpectedResult = ErrorCode.InvalidRecord)]
    [TestCase(1, ExpectedResult = ErrorCode.InvalidRecord)]
    [TestCase(3, ExpectedResult = ErrorCode.CorruptMessage)]
    public async Task<ErrorCode> Another_magic_is_refused(byte magic)
    {
        Cluster.CreateTopic(Topic);
        byte[] batch = Batch("abc");
        batch[16] = magic;

        return (await Client.ProduceAsync(batch, Bound)).ErrorCode;
    }

    [Test]
    public async Task A_record_count_that_contradicts_the_offsets_is_refused()
    {
        Cluster.CreateTopic(Topic);
        byte[] batch = Batch("a", "b");
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), 1);
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);

        Assert.That((await Client.ProduceAsync(batch, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
    }

    [Test]
    public async Task Offset_deltas_that_skip_are_refused_and_the_record_is_named()
    {
        Cluster.CreateTopic(Topic);
        byte[] batch = Batch("a", "b");
        int secondOffsetDelta = batch.Length - 5;
        Assert.That(batch[secondOffsetDelta], Is.EqualTo(2), "the zigzag of 1");
        batch[secondOffsetDelta] = 0;
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);

        ProduceResponse.PartitionProduceResponse answer = await Client.ProduceAsync(batch, Bound);

        Assert.That(answer.ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
        Assert.That(answer.RecordErrors.Single().BatchIndex, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_null_is_told_from_what_is_empty()
    {
        Cluster.CreateTopic(Topic);
        var writer = new RecordBatchWriter(new byte[1024]);
        writer.TryAppend(0, RecordBytes.Null, new RecordBytes([]));
        writer.TryAppend(0, new RecordBytes([]), RecordBytes.Null);

        await Client.ProduceAsync(writer.Close(RecordBatchFlags.None, BatchProducer.None), Bound);

        IReadOnlyList<StoredRecord> stored = Cluster.Records(Topic, 0);
        Assert.That(stored.Select(r => (r.Key?.Length, r.Value?.Length)), Is.EqualTo(new (int?, int?)[] { (null, 0), (0, null) }));
    }

    [Test]
    public async Task No_batch_and_two_batches_are_refused()
    {
        Cluster.CreateTopic(Topic);

        Assert.That((await Client.ProduceAsync(null, Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
        Assert.That((await Client.ProduceAsync(Array.Empty<byte>(), Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
        Assert.That((await Client.ProduceAsync((byte[])[.. Batch("a"), .. Batch("b")], Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
    }

    [Test]
    public async Task A_batch_above_the_limit_of_its_topic_is_too_large()
    {
        Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["max.message.bytes"] = "100" });

        Assert.That((await Client.ProduceAsync(Batch(new string('x', 100)), Bound)).ErrorCode, Is.EqualTo(ErrorCode.MessageTooLarge));
        Assert.That((await Client.ProduceAsync(Batch("x"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public async Task A_record_without_key_is_refused_by_a_compacted_topic()
    {
        Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["cleanup.policy"] = "compact" });

        Assert.That((await Client.ProduceAsync(Batch("a"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.InvalidRecord));
    }

    [Test]
    public async Task Log_append_time_is_stamped_and_told()
    {
        Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" });

        ProduceResponse.PartitionProduceResponse answer = await Client.ProduceAsync(Batch("a"), Bound);

        Assert.That(answer.LogAppendTimeMs, Is.GreaterThan(1_700_000_000_000));
        RecordBatch batch = Cluster.Batches(Topic, 0).Single();
        Assert.That(batch.HasValidCrc());
        Assert.That(batch.TimestampType, Is.EqualTo(TimestampType.LogAppendTime));
        Assert.That(batch.MaxTimestamp, Is.EqualTo(answer.LogAppendTimeMs));
    }

    [Test]
    public async Task Without_acks_no_answer_comes_and_a_failure_closes_the_connection()
    {
        Cluster.CreateTopic(Topic);

        await Client.SendOnlyAsync(Produce(Batch("a"), acks: Acks.None), 9, Bound);
        int asked = await Client.SendOnlyAsync(ListOffsets(-1), 9, Bound);
        ListOffsetsResponse answer = await Client.ReceiveAsync<ListOffsetsResponse>(Apis.ListOffsets, 9, Bound);

        Assert.That(Client.LastReceivedCorrelationId, Is.EqualTo(asked));
        Assert.That(answer.Topics[0].Partitions[0].Offset, Is.EqualTo(1));

        await Client.SendOnlyAsync(Produce(Batch("a"), partition: 7, acks: Acks.None), 9, Bound);
        Assert.That(await Client.ReceiveFrameAsync(Bound), Is.Null);
    }

    [Test]
    public async Task Strange_acks_are_an_error()
    {
        Cluster.CreateTopic(Topic);

        Assert.That((await Client.SendAsync(Produce(Batch("a"), acks: (Acks)2), 9, Bound)).Responses[0].PartitionResponses[0].ErrorCode, Is.EqualTo(ErrorCode.InvalidRequiredAcks));
    }

    [Test]
    public async Task Too_few_replicas_in_sync_are_an_error_only_for_those_who_want_all()
    {
        Cluster.CreateTopic(Topic, configs: new Dictionary<string, string> { ["min.insync.replicas"] = "2" });

        Assert.That((await Client.ProduceAsync(Batch("a"), Bound)).ErrorCode, Is.EqualTo(ErrorCode.NotEnoughReplicas));
        Assert.That((await Client.SendAsync(Produce(Batch("a"), acks: Acks.Leader), 9, Bound)).Responses[0].PartitionResponses[0].ErrorCode, Is.EqualTo(ErrorCode.None));
    }

    [TestCase((short)0)]
    [TestCase((short)1)]
    [TestCase((short)2)]
    public async Task A_message_set_of_an_old_client_becomes_a_batch(short version)
    {
        Cluster.CreateTopic(Topic);
        byte[] messages = Convert.FromHexString(version == 2
            ? "00000000000000000000001839268c3301000000018bcfe56800000000016b0000000176"
            : "0000000000000000000000101fecd70a0000000000016b0000000176");

        ProduceResponse.PartitionProduceResponse answer = await Client.ProduceAsync(messages, Bound, version: version);

        Assert.That(answer.ErrorCode, Is.EqualTo(ErrorCode.None));
        Assert.That(Cluster.Batches(Topic, 0).Single().Magic, Is.EqualTo(2));
        Assert.That(Cluster.Records(Topic, 0).Single().Value!.Value.ToArray(), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public async Task Zstandard_needs_version_7_and_is_decompressed_to_be_checked()
    {
        Cluster.CreateTopic(Topic);
        byte[] batch = Batch("abc");
        batch[22] |= (byte)CompressionType.Zstd;
        RecordBatchStamp.SetProducer(batch, BatchProducer.None);

        Assert.That((await Client.ProduceAsync(batch, Bound, version: 6)).ErrorCode, Is.EqualTo(ErrorCode.UnsupportedCompressionType));
        Assert.That((await Client.ProduceAsync(batch, Bound, version: 7)).ErrorCode, Is.EqualTo(ErrorCode.CorruptMessage));
        Assert.That(Cluster.EndOffset(Topic, 0), Is.Zero);
    }
}
