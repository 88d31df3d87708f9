using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

internal sealed class TimeTests : ConnectionTest
{
    [Test]
    public async Task A_request_that_is_not_answered_in_time_ends_the_connection_for_one_reason()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse> early = connection.SendAsync(Heartbeat(), Limit);
        await broker.ReceiveAsync(Limit);
        Time.Advance(TimeSpan.FromSeconds(20));
        Task<HeartbeatResponse> late = connection.SendAsync(Heartbeat(), Limit);
        await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.That(early.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(0.2));

        var own = await FailureAsync<RequestTimeoutException>(early);
        Assert.That(own.Message, Does.Contain("Heartbeat v4").And.Contain("30 s").And.Contain("broker-1:9092"));
        var other = await FailureAsync<ConnectionException>(late);
        Assert.That(other, Is.Not.InstanceOf<RequestTimeoutException>());
        Assert.That(other.InnerException, Is.SameAs(own), "one reason");
        Assert.That(connection.CloseReason, Is.EqualTo(new CloseReason(CloseKind.TimedOut, own)));
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
    }

    [Test]
    public async Task A_request_has_its_own_timeout_if_it_wants()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        Task<HeartbeatResponse> patient = connection.SendAsync(Heartbeat(), new RequestOptions(Timeout: TimeSpan.FromMinutes(5)), Limit);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromMinutes(4));
        await broker.AnswerAsync(received, new HeartbeatResponse(), Limit);
        await patient;

        Task<HeartbeatResponse> hasty = connection.SendAsync(Heartbeat(), new RequestOptions(Timeout: TimeSpan.FromSeconds(1)), Limit);
        await broker.ReceiveAsync(Limit);
        Time.Advance(TimeSpan.FromSeconds(1));
        await FailureAsync<RequestTimeoutException>(hasty);
    }

    [Test]
    public async Task A_request_cancelled_by_its_caller_still_has_to_be_answered_in_time()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        using var cancelled = new CancellationTokenSource();
        Task<HeartbeatResponse> abandoned = connection.SendAsync(Heartbeat(), cancelled.Token);
        await broker.ReceiveAsync(Limit);
        await cancelled.CancelAsync();
        await FailureAsync<OperationCanceledException>(abandoned);

        Time.Advance(TimeSpan.FromSeconds(31));
        await connection.Closed.WaitAsync(Limit);

        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.TimedOut));
    }

    [Test]
    public async Task A_request_that_never_had_its_turn_times_out_alone()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(Options(maxInFlight: 1));
        await using Connection _ = connection;
        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat(), new RequestOptions(Timeout: TimeSpan.FromMinutes(5)), Limit);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);
        PendingRequest<HeartbeatResponse> second = connection.Send(Heartbeat(), default, Limit);

        Time.Advance(TimeSpan.FromSeconds(31));

        var failure = await FailureAsync<RequestTimeoutException>(second.Response);
        Assert.That(failure.Message, Does.Contain("could not be sent"));
        Assert.That((second.WasBegun, second.Released.IsCompleted, connection.State), Is.EqualTo((false, true, ConnectionState.Ready)));
        await broker.AnswerAsync(received, new HeartbeatResponse(), Limit);
        await first;
    }

    [Test]
    public async Task A_write_that_gets_stuck_times_out_and_releases_its_memory()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(connector: new PipeConnector(window: 4096));
        PendingRequest oneWay = connection.SendOneWay(Produce(new byte[100_000], acks: 0), new RequestOptions(MaxVersion: 12), Limit);
        await broker.Stream.ReadExactlyAsync(new byte[4], Limit);

        Time.Advance(TimeSpan.FromSeconds(31));

        await FailureAsync<RequestTimeoutException>(oneWay.Completion);
        await oneWay.Released.WaitAsync(Limit);
        await connection.Closed.WaitAsync(Limit);
    }

    [Test]
    public async Task A_throttled_connection_is_silent_for_as_long_as_the_broker_asked()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        Task<HeartbeatResponse> first = connection.SendAsync(Heartbeat(), Limit);
        int timers = Time.SetTimers;
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse { ThrottleTimeMs = 5000 }, Limit);
        await first;

        Task<HeartbeatResponse> second = connection.SendAsync(Heartbeat(), Limit);
        Task<ReceivedRequest> received = broker.ReceiveAsync(Limit);
        await Time.WhenTimersSetAsync(timers + 1).WaitAsync(Limit);
        Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(received.IsCompleted, Is.False);
        Time.Advance(TimeSpan.FromSeconds(0.1));

        await broker.AnswerAsync(await received, new HeartbeatResponse(), Limit);
        await second;
    }

    [Test]
    public async Task A_version_before_client_side_throttling_does_not_silence_the_connection()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;

        for (int i = 0; i < 2; i++)
        {
            Task<HeartbeatResponse> answer = connection.SendAsync(Heartbeat(), new RequestOptions(MaxVersion: 1), Limit);
            await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse { ThrottleTimeMs = 5000 }, Limit);
            await answer;
        }
    }

    [Test]
    public async Task An_idle_connection_is_closed()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Time.Advance(TimeSpan.FromMinutes(8));
        Task<HeartbeatResponse> used = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse(), Limit);
        await used;

        Time.Advance(TimeSpan.FromMinutes(8.9));
        Assert.That(connection.State, Is.EqualTo(ConnectionState.Ready));
        Time.Advance(TimeSpan.FromMinutes(0.2));

        await connection.Closed.WaitAsync(Limit);
        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.Idle));
        Assert.That(await broker.TryReceiveAsync(Limit), Is.Null);
        Assert.That((await FailureAsync<ConnectionException>(connection.SendAsync(Heartbeat(), Limit))).Message, Does.Contain("was not sent").And.Contain("without a request"));
    }

    [Test]
    public async Task A_connection_that_waits_for_an_answer_is_not_idle()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        Task<HeartbeatResponse> waiting = connection.SendAsync(Heartbeat(), new RequestOptions(Timeout: Timeout.InfiniteTimeSpan), Limit);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);

        Time.Advance(TimeSpan.FromMinutes(60));

        await broker.AnswerAsync(received, new HeartbeatResponse(), Limit);
        await waiting;
    }

    [Test]
    public async Task A_closed_connection_leaves_no_timer_behind()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse> used = connection.SendAsync(Heartbeat(), Limit);
        await broker.AnswerAsync(await broker.ReceiveAsync(Limit), new HeartbeatResponse(), Limit);
        await used;

        await connection.DisposeAsync();

        Assert.That(Time.SetTimers, Is.Zero);
    }
}
