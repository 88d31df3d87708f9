using Milena.Kafka.Network.Internal;
using Milena.Kafka.Protocol;
using Milena.Kafka.Protocol.Messages;

namespace Milena.Kafka.Tests.Network;

internal sealed class PipeliningTests : ConnectionTest
{
    [Test]
    public async Task Requests_are_sent_without_waiting_and_answers_reach_their_callers()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;

        Task<HeartbeatResponse>[] answers = [.. Enumerable.Range(0, 3).Select(i => connection.SendAsync(Heartbeat($"m{i}"), Limit))];
        List<ReceivedRequest> received = await ReceiveAsync(broker, 3);
        for (int i = 0; i < 3; i++)
        {
            await broker.AnswerAsync(received[i], new HeartbeatResponse { ErrorCode = (ErrorCode)(100 + i) }, Limit);
        }

        Assert.That((await Task.WhenAll(answers)).Select(answer => (int)answer.ErrorCode), Is.EqualTo(new[] { 100, 101, 102 }));
        Assert.That(received.Select(request => request.Read<HeartbeatRequest>().MemberId), Is.EqualTo(new[] { "m0", "m1", "m2" }));
        Assert.That(received.Select(request => request.CorrelationId), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_thousand_requests_of_many_threads_each_get_their_own_answer()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        Task serving = ServeAsync(broker, 1000);

        int[] codes = new int[1000];
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 200, CancellationToken = Limit }, async (i, token) =>
        {
            HeartbeatResponse answer = await connection.SendAsync(Heartbeat($"{i}"), token);
            codes[i] = (int)answer.ErrorCode;
        });

        await serving;
        Assert.That(codes, Is.EqualTo(Enumerable.Range(0, 1000)));
    }

    [Test]
    public async Task No_more_than_the_limit_is_in_flight()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync(Options(maxInFlight: 2));
        await using Connection _ = connection;

        Task<HeartbeatResponse>[] answers = [.. Enumerable.Range(0, 3).Select(i => connection.SendAsync(Heartbeat($"m{i}"), Limit))];
        List<ReceivedRequest> received = await ReceiveAsync(broker, 2);
        Task<ReceivedRequest> third = broker.ReceiveAsync(Limit);
        Assert.That(third.IsCompleted, Is.False);
        await broker.AnswerAsync(received[0], new HeartbeatResponse(), Limit);
        await answers[0];

        Assert.That((await third).Read<HeartbeatRequest>().MemberId, Is.EqualTo("m2"));
    }

    [Test]
    public async Task A_correlation_id_out_of_order_ends_the_connection_for_all()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse>[] answers = [.. Enumerable.Range(0, 3).Select(i => connection.SendAsync(Heartbeat($"m{i}"), Limit))];
        List<ReceivedRequest> received = await ReceiveAsync(broker, 3);

        await broker.AnswerAsync(received[1], new HeartbeatResponse(), Limit);

        foreach (Task<HeartbeatResponse> answer in answers)
        {
            var failure = await FailureAsync<ConnectionException>(answer);
            Assert.That(failure.Message, Does.Contain("Heartbeat v4").And.Contain("correlation id 2 where 1"));
            Assert.That(failure.InnerException, Is.SameAs(connection.CloseReason!.Exception), "one reason");
        }

        Assert.That(connection.CloseReason!.Kind, Is.EqualTo(CloseKind.Poisoned));
    }

    [Test]
    public async Task An_answer_that_nobody_asked_for_ends_the_connection()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();

        await broker.SendAsync(ScriptedBroker.Encode(Apis.Heartbeat, new HeartbeatResponse(), 77, 4), Limit);
        await connection.Closed.WaitAsync(Limit);

        Assert.That(connection.CloseReason!.Exception.Message, Does.Contain("77").And.Contain("answers no request"));
    }

    [Test]
    public async Task An_answer_that_cannot_be_read_names_api_and_version_and_ends_the_connection()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        Task<HeartbeatResponse> answer = connection.SendAsync(Heartbeat(), Limit);
        ReceivedRequest request = await broker.ReceiveAsync(Limit);

        await broker.SendAsync(new byte[] { 0, 0, 0, 5, 0, 0, 0, (byte)request.CorrelationId, 0 }, Limit);

        var failure = await FailureAsync<ConnectionException>(answer);
        Assert.That(failure.InnerException, Is.InstanceOf<ProtocolException>());
        Assert.That(failure.Message, Does.Contain("Heartbeat v4").And.Contain("broker-1:9092"));
        await connection.Closed.WaitAsync(Limit);
        Assert.That(connection.State, Is.EqualTo(ConnectionState.Closed));
    }

    [Test]
    public async Task A_response_that_arrives_byte_by_byte_is_read()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        Task<HeartbeatResponse> answer = connection.SendAsync(Heartbeat(), Limit);
        ReceivedRequest request = await broker.ReceiveAsync(Limit);

        foreach (byte one in ScriptedBroker.Encode(request.Api, new HeartbeatResponse { ErrorCode = ErrorCode.IllegalGeneration }, request.CorrelationId, request.Version))
        {
            await broker.SendAsync(new[] { one }, Limit);
        }

        Assert.That((await answer).ErrorCode, Is.EqualTo(ErrorCode.IllegalGeneration));
    }

    [Test]
    public async Task A_request_goes_out_in_the_highest_common_version_or_below_a_limit()
    {
        ApiVersionsResponse versions = ScriptedBroker.AllVersions();
        versions.ApiKeys.Single(api => api.ApiKey == (short)ApiKey.Heartbeat).MaxVersion = 3;
        (Connection connection, ScriptedBroker broker) = await OpenAsync(versions: versions);
        await using Connection _ = connection;

        Task common = connection.SendAsync(Heartbeat(), Limit);
        Task limited = connection.SendAsync(Heartbeat(), new RequestOptions(MaxVersion: 1), Limit);
        List<ReceivedRequest> received = await ReceiveAsync(broker, 2);
        foreach (ReceivedRequest request in received)
        {
            await broker.AnswerAsync(request, new HeartbeatResponse(), Limit);
        }

        await Task.WhenAll(common, limited);
        Assert.That(received.Select(request => request.Version), Is.EqualTo(new short[] { 3, 1 }));
    }

    [Test]
    public async Task Without_a_common_version_the_error_names_api_versions_and_broker_and_the_connection_lives_on()
    {
        ApiVersionsResponse versions = ScriptedBroker.AllVersions();
        ApiVersionsResponse.ApiVersion listed = versions.ApiKeys.Single(api => api.ApiKey == (short)ApiKey.Heartbeat);
        (listed.MinVersion, listed.MaxVersion) = (7, 9);
        (Connection connection, ScriptedBroker broker) = await OpenAsync(versions: versions);
        await using Connection _ = connection;

        PendingRequest<HeartbeatResponse> pending = connection.Send(Heartbeat(), default, Limit);

        var failure = await FailureAsync<UnsupportedVersionException>(pending.Response);
        Assert.That(failure.Message, Does.Contain("Heartbeat").And.Contain("7 to 9").And.Contain("0 to 4").And.Contain("broker-1:9092"));
        Assert.That((pending.WasBegun, pending.Released.IsCompleted), Is.EqualTo((false, true)));
        await AssertAliveAsync(connection, broker);
    }

    [Test]
    public async Task A_field_that_the_version_lacks_fails_only_that_request()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;
        HeartbeatRequest request = Heartbeat();
        request.GroupInstanceId = "static";

        var failure = await FailureAsync<UnsupportedVersionException>(connection.SendAsync(request, new RequestOptions(MaxVersion: 2), Limit));

        Assert.That(failure.Message, Does.Contain("GroupInstanceId").And.Contain("broker-1:9092"));
        await AssertAliveAsync(connection, broker);
    }

    [Test]
    public async Task A_one_way_request_is_over_when_it_is_written_and_no_answer_is_awaited()
    {
        (Connection connection, ScriptedBroker broker) = await OpenAsync();
        await using Connection _ = connection;

        PendingRequest pending = connection.SendOneWay(Produce(new byte[4096], acks: 0), new RequestOptions(MaxVersion: 12), Limit);
        await pending.Completion.WaitAsync(Limit);
        await pending.Released.WaitAsync(Limit);
        ReceivedRequest received = await broker.ReceiveAsync(Limit);

        Assert.That(received.Read<ProduceRequest>().TopicData[0].PartitionData[0].Records!.Value.Length, Is.EqualTo(4096));
        await AssertAliveAsync(connection, broker);
    }

    [Test]
    public void Correlation_ids_wrap_to_zero()
    {
        var queue = new RequestQueue(maxInFlight: 10, firstCorrelationId: int.MaxValue);
        int[] ids = new int[2];
        for (int i = 0; i < 2; i++)
        {
            var request = new AnsweredRequest<HeartbeatResponse>(Apis.Heartbeat);
            request.Prepare(RequestFrame.Encode(Heartbeat(), 4, "test"), 4, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), CancellationToken.None);
            Assert.That(queue.TryAdd(request), Is.Null);
            ids[i] = queue.BeginBatch()[0].CorrelationId;
            queue.EndBatch(written: true);
        }

        Assert.That(ids, Is.EqualTo(new[] { int.MaxValue, 0 }));
    }

    private async Task AssertAliveAsync(Connection connection, ScriptedBroker broker)
    {
        Task<MetadataResponse> answer = connection.SendAsync(new MetadataRequest { Topics = null }, Limit);
        ReceivedRequest request = await broker.ReceiveAsync(Limit);
        Assert.That(request.Api.Key, Is.EqualTo(ApiKey.Metadata));
        await broker.AnswerAsync(request, new MetadataResponse(), Limit);
        await answer.WaitAsync(Limit);
    }

    private async Task<List<ReceivedRequest>> ReceiveAsync(ScriptedBroker broker, int count)
    {
        var received = new List<ReceivedRequest>();
        while (received.Count < count)
        {
            received.Add(await broker.ReceiveAsync(Limit));
        }

        return received;
    }

    // Answers each heartbeat with its member's number as code.
    private async Task ServeAsync(ScriptedBroker broker, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ReceivedRequest request = await broker.ReceiveAsync(Limit);
            int member = int.Parse(request.Read<HeartbeatRequest>().MemberId, System.Globalization.CultureInfo.InvariantCulture);
            await broker.AnswerAsync(request, new HeartbeatResponse { ErrorCode = (ErrorCode)member }, Limit);
        }
    }
}
