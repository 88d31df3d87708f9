using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

internal sealed class CloseTests : ConnectionTest
{
    [Test]
    public async Task When_the_broker_closes_one_reason_reaches_every_waiting_request()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(Options(maxInFlight: 2));
        PendingRequest<HeartbeatResponse>[] pending = [.. Enumerable.Range(0, 5).Select(i => connection.Send(Heartbeat($"m{i}"), default, Limit))];
        await broker.ReceiveAsync(Limit);
        await broker.ReceiveAsync(Limit);

        await broker.DisposeAsync();

        foreach (PendingRequest<HeartbeatResponse> request in pending)
        {
            var failure = await FailureAsync<ConnectionException>(request.Response);
            Assert.That(failure.InnerException, Is.SameAs(connection.CloseReason!.Exception));
            Assert.That(failure.Message, Does.Contain(request.WasBegun ? "was not answered" : "was not sent").And.Contain("closed the connection"));
            await request.Released.WaitAsync(Limit);
        }

        Assert.That(pending.Select(request => request.WasBegun), Is.EqualTo(new[] { true, true, false, false, false }));
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.ByPeer));
        await connection.Closed.WaitAsync(Limit);
    }

    [Test]
    public async Task A_broker_that_closes_after_the_negotiation_gets_a_hint_at_SASL_but_not_later()
    {
        (Connection fresh, ScriptedBroker broker) = await OpenAsync();
        await broker.DisposeAsync();
        await fresh.Closed.WaitAsync(Limit);
        Assert.That(fresh.CloseReason!.Exception.Message, Does.Contain("SASL"));

        (Connection used, broker) = await OpenAsync();
        Task<HeartbeatResponse> answer = used.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse(), Limit);
        await answer;
        await broker.DisposeAsync();
        await used.Closed.WaitAsync(Limit);
        Assert.That(used.CloseReason!.Exception.Message, Does.Contain("closed the connection").And.Not.Contain("SASL"));
    }

    [Test]
    public async Task A_stream_that_ends_within_a_frame_says_so()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse> waiting = connection.SendAsync(Heartbeat(), Limit);
        await broker.ReceiveAsync(Limit);

        await broker.SendAsync(new byte[] { 0, 0, 0, 50, 1, 2, 3 }, Limit);
        await broker.DisposeAsync();

        Assert.That((await FailureAsync<ConnectionException>(waiting)).Message, Does.Contain("3 of 50 bytes"));
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.Broken));
    }

    [Test]
    public async Task Disposing_writes_what_was_accepted_and_fails_what_waits_for_an_answer()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector(window: 4096));
        PendingRequest oneWay = connection.SendOneWay(Produce(new byte[50_000], acks: 0), new RequestOptions(MaxVersion: 12), Limit);
        Task<HeartbeatResponse> waiting = connection.SendAsync(Heartbeat(), Limit);

        Task disposing = connection.DisposeAsync().AsTask();
        Task<HeartbeatResponse> refused = connection.SendAsync(Heartbeat(), Limit);
        Assert.That((await FailureAsync<ConnectionException>(refused)).Message, Does.Contain("was not sent").And.Contain("closed by this client"));
        Assert.That(connection.State, Is.EqualTo(ConnectionState.Closing));

        ReceivedRequest[] received = [await broker.ReceiveAsync(Limit), await broker.ReceiveAsync(Limit)];
        await disposing.WaitAsync(Limit);
        await oneWay.Completion.WaitAsync(Limit);
        Assert.That((await FailureAsync<ConnectionException>(waiting)).Message, Does.Contain("was not answered").And.Contain("closed by this client"));
        Assert.That(received[0].Read<ProduceRequest>().TopicData, Has.Count.EqualTo(1));
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.ByClient));
    }

    [Test]
    public async Task Disposing_while_the_peer_does_not_read_ends_after_the_close_timeout()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector(window: 4096));
        PendingRequest<ProduceResponse> stuck = connection.Send(Produce(new byte[50_000]), new RequestOptions(MaxVersion: 12), Limit);
        await broker.Stream.ReadExactlyAsync(new byte[4], Limit);

        Task disposing = connection.DisposeAsync().AsTask();
        Assert.That(disposing.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        await disposing.WaitAsync(Limit);
        await FailureAsync<ConnectionException>(stuck.Response);
        await stuck.Released.WaitAsync(Limit);
    }

    [Test]
    public async Task Disposing_while_throttled_ends_after_the_close_timeout()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse { ThrottleTimeMs = 600_000 }, Limit);
        await first;
        PendingRequest<HeartbeatResponse> silent = connection.Send(Heartbeat(), default, Limit);

        Task disposing = connection.DisposeAsync().AsTask();
        Time.Advance(TimeSpan.FromSeconds(1.1));

        await disposing.WaitAsync(Limit);
        await FailureAsync<ConnectionException>(silent.Response);
        Assert.That((silent.WasBegun, silent.Released.IsCompleted), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task Disposing_is_bounded_even_if_the_stream_is_deaf()
    {
        var gate = new GatedStream.Gate();
        (Connection connection, ScriptedBroker _) = await OpenAsync(connector: new PipeConnector { Decorate = stream => new GatedStream(stream, gate) });
        gate.Close();
        PendingRequest<HeartbeatResponse> stuck = connection.Send(Heartbeat(), default, Limit);
        await gate.Entered.WaitAsync(Limit);

        int timers = Time.SetTimers;
        Task disposing = connection.DisposeAsync().AsTask();
        await Time.WhenTimersSetAsync(timers + 1).WaitAsync(Limit);
        Time.Advance(TimeSpan.FromSeconds(1));
        await FailureAsync<ConnectionException>(stuck.Response);
        await Time.WhenTimersSetAsync(timers + 1).WaitAsync(Limit);
        Time.Advance(TimeSpan.FromSeconds(1));

        await disposing.WaitAsync(Limit);
        Assert.That((stuck.Released.IsCompleted, connection.Closed.IsCompleted), Is.EqualTo((false, false)));
        gate.Open();
        await connection.Closed.WaitAsync(Limit);
    }

    [Test]
    public async Task Disposing_twice_and_after_an_abort_is_harmless()
    {
        (Connection connection, ScriptedBroker _) = await OpenAsync();

        connection.Abort("first");
        connection.Abort("second");
        await connection.DisposeAsync();
        await connection.DisposeAsync();

        Assert.That(connection.CloseReason!.Exception.Message, Is.EqualTo("first"));
    }

    [Test]
    public async Task Requests_that_race_with_the_end_all_come_to_an_end()
    {
        for (int round = 0; round < 20; round++)
        {
            (Connection connection, ScriptedBroker broker) = await OpenAsync();
            PendingRequest<HeartbeatResponse>[] pending = new PendingRequest<HeartbeatResponse>[100];
            Task sending = Parallel.ForAsync(0, pending.Length, (i, _) =>
            {
                pending[i] = connection.Send(Heartbeat(), default, Limit);
                return ValueTask.CompletedTask;
            });
            connection.Abort("over");
            await sending;

            foreach (PendingRequest<HeartbeatResponse> request in pending)
            {
                await FailureAsync<ConnectionException>(request.Response);
                await request.Released.WaitAsync(Limit);
            }

            await connection.Closed.WaitAsync(Limit);
            await broker.DisposeAsync();
        }
    }
}
