using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

internal sealed class BorrowedMemoryTests : ConnectionTest
{
    private static readonly RequestOptions ByName = new(MaxVersion: 12);

    [Test]
    public async Task Large_records_travel_by_reference_and_arrive_unchanged()
    {
        byte[] records = Bytes(100_000);
        RequestFrame frame = RequestFrame.Encode(Produce(records), 12, "test");

        Assert.That(frame.Segments, Has.Count.EqualTo(3));
        Assert.That(frame.Segments[1].Span.Overlaps(records, out int offset) && offset == 0, "the records were copied");
        byte[] wire = [.. frame.Segments.SelectMany(segment => segment.ToArray())];
        Assert.That(wire, Has.Length.EqualTo(frame.Length));
        Assert.That(ReceivedRequest.Parse(wire[4..]).Read<ProduceRequest>().TopicData[0].PartitionData[0].Records!.Value.ToArray(), Is.EqualTo(records));

        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        PendingRequest pending = connection.SendOneWay(Produce(records, acks: 0), ByName, Limit);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);
        Assert.That(received.Read<ProduceRequest>().TopicData[0].PartitionData[0].Records!.Value.ToArray(), Is.EqualTo(records));
        await pending.Released.WaitAsync(Limit);
    }

    [Test]
    public async Task A_caller_cancelled_in_mid_frame_is_told_at_once_but_the_frame_is_finished_before_its_memory_is_released()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector(window: 4096));
        await using Connection _ = connection;
        using var cancelled = new CancellationTokenSource();
        byte[] records = Bytes(200_000);

        PendingRequest<ProduceResponse> pending = connection.Send(Produce(records), ByName, cancelled.Token);
        byte[] length = new byte[4];
        await broker.Stream.ReadExactlyAsync(length, Limit);
        await cancelled.CancelAsync();

        await FailureAsync<OperationCanceledException>(pending.Response);
        Assert.That(pending.Response.IsCanceled);
        Assert.That((pending.WasBegun, pending.Released.IsCompleted), Is.EqualTo((true, false)));

        byte[] frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(length)];
        await broker.Stream.ReadExactlyAsync(frame, Limit);
        await pending.Released.WaitAsync(Limit);
        ReceivedRequest received = ReceivedRequest.Parse(frame);
        Assert.That(received.Read<ProduceRequest>().TopicData[0].PartitionData[0].Records!.Value.ToArray(), Is.EqualTo(records));

        // The late answer to the cancelled request is read past, and the next pair fits again.
        Task<HeartbeatResponse> next = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(received, new ProduceResponse(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse(), Limit);
        await next;
    }

    [Test]
    public async Task A_request_cancelled_before_its_turn_is_never_sent_and_its_memory_released_at_once()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector(window: 4096));
        await using Connection _ = connection;
        using var cancelled = new CancellationTokenSource();

        PendingRequest<ProduceResponse> first = connection.Send(Produce(Bytes(200_000)), ByName, Limit);
        byte[] length = new byte[4];
        await broker.Stream.ReadExactlyAsync(length, Limit);
        PendingRequest<ProduceResponse> second = connection.Send(Produce(Bytes(200_000)), ByName, cancelled.Token);
        Task<HeartbeatResponse> third = connection.SendAsync(Heartbeat("third"), Limit);
        await cancelled.CancelAsync();

        await FailureAsync<OperationCanceledException>(second.Response);
        Assert.That((second.WasBegun, second.Released.IsCompleted), Is.EqualTo((false, true)));

        byte[] frame = new byte[System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(length)];
        await broker.Stream.ReadExactlyAsync(frame, Limit);
        await broker.AnswerAsync(ReceivedRequest.Parse(frame), new ProduceResponse(), Limit);
        ReceivedRequest next = await broker.ReceiveAsync(Limit);
        await broker.AnswerAsync(next, new HeartbeatResponse(), Limit);
        await Task.WhenAll(first.Response, third);
        Assert.That(next.Read<HeartbeatRequest>().MemberId, Is.EqualTo("third"));
    }

    [Test]
    public async Task A_token_that_is_cancelled_beforehand_sends_nothing()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();

        PendingRequest<HeartbeatResponse> pending = connection.Send(Heartbeat(), default, new CancellationToken(canceled: true));

        await FailureAsync<OperationCanceledException>(pending.Response);
        Assert.That((pending.WasBegun, pending.Released.IsCompleted), Is.EqualTo((false, true)));
        await connection.DisposeAsync();
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
    }

    [Test]
    public async Task Cancelling_after_the_write_leaves_the_connection_in_use()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        using var cancelled = new CancellationTokenSource();

        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat(), cancelled.Token);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);
        await cancelled.CancelAsync();
        await FailureAsync<OperationCanceledException>(first);
        Task<HeartbeatResponse> second = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(received, new HeartbeatResponse(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse(), Limit);

        await second;
    }

    [Test]
    public async Task Memory_of_a_request_in_mid_write_is_released_only_when_the_write_has_ended()
    {
        var gate = new GatedStream.Gate();
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector { Decorate = stream => new GatedStream(stream, gate) });
        gate.Close();

        PendingRequest<ProduceResponse> pending = connection.Send(Produce(Bytes(100_000)), ByName, Limit);
        await gate.Entered.WaitAsync(Limit);
        connection.Abort("test");

        var failure = await FailureAsync<ConnectionException>(pending.Response);
        Assert.That(failure.Message, Does.Contain("Produce v12").And.Contain("test"));
        Assert.That(pending.Released.IsCompleted, Is.False, "the stream still reads the records");
        gate.Open();
        await pending.Released.WaitAsync(Limit);
        await connection.Closed.WaitAsync(Limit);
        await broker.DisposeAsync();
    }

    [Test]
    public async Task An_owned_response_keeps_its_buffer_until_it_is_disposed_and_disposing_twice_is_harmless()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        byte[] records = Bytes(300_000);

        Task<OwnedResponse<FetchResponse>> fetching = connection.SendOwnedAsync(new FetchRequest(), new RequestOptions(MaxVersion: 12), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), FetchAnswer(records), Limit);
        OwnedResponse<FetchResponse> owned = await fetching;

        ReadOnlyMemory<byte> received = owned.Response.Responses[0].Partitions[0].Records!.Value;
        Assert.That(received.ToArray(), Is.EqualTo(records));
        Assert.That(owned.Version, Is.EqualTo(12));
        owned.Dispose();
        owned.Dispose();
    }

    [Test]
    public async Task A_borrowing_response_without_an_owner_stays_intact_while_other_frames_arrive()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        byte[] records = Bytes(50_000);

        Task<FetchResponse> fetching = connection.SendAsync(new FetchRequest(), new RequestOptions(MaxVersion: 12), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), FetchAnswer(records), Limit);
        FetchResponse response = await fetching;
        for (int i = 0; i < 20; i++)
        {
            Task<OwnedResponse<FetchResponse>> next = connection.SendOwnedAsync(new FetchRequest(), new RequestOptions(MaxVersion: 12), Limit);
            await broker.AnswerAsync(await broker.ReceiveAsync(Limit), FetchAnswer(new byte[50_000]), Limit);
            (await next).Dispose();
        }

        Assert.That(response.Responses[0].Partitions[0].Records!.Value.ToArray(), Is.EqualTo(records));
    }

    private static FetchResponse FetchAnswer(byte[] records) =>
        new() { Responses = [new() { Topic = "t", Partitions = [new() { Records = records }] }] };

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
