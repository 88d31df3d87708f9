using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Producer;

/// <summary>The same load again and again, each time with another of its produce requests going wrong in another way.</summary>
[CancelAfter(120_000)]
public class FaultMatrixTests : ProducerTest
{
    private const int Records = 160;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How many produce requests the last run took: beyond them nothing can go wrong.</summary>
    private long _requests;

    // What brokers answer to a batch that may go again.
    private static readonly ErrorCode[] Retriable =
    [
        ErrorCode.CorruptMessage, ErrorCode.UnknownTopicOrPartition, ErrorCode.LeaderNotAvailable, ErrorCode.NotLeaderOrFollower, ErrorCode.RequestTimedOut,
        ErrorCode.ReplicaNotAvailable, ErrorCode.NetworkException, ErrorCode.NotEnoughReplicas, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.KafkaStorageError,
        ErrorCode.ListenerNotFound, ErrorCode.FencedLeaderEpoch, ErrorCode.UnknownLeaderEpoch, ErrorCode.UnknownTopicId, ErrorCode.InconsistentTopicId,
        ErrorCode.OutOfOrderSequenceNumber, ErrorCode.UnknownProducerId, ErrorCode.InvalidProducerEpoch,
    ];

    private static readonly ErrorCode[] Refusals =
    [
        ErrorCode.InvalidTopicException, ErrorCode.RecordListTooLarge, ErrorCode.InvalidRequiredAcks, ErrorCode.TopicAuthorizationFailed,
        ErrorCode.ClusterAuthorizationFailed, ErrorCode.InvalidTimestamp, ErrorCode.UnsupportedVersion, ErrorCode.InvalidRequest, ErrorCode.UnsupportedForMessageFormat,
        ErrorCode.PolicyViolation, ErrorCode.InvalidTxnState, ErrorCode.InvalidProducerIdMapping, ErrorCode.TransactionalIdAuthorizationFailed,
        ErrorCode.UnsupportedCompressionType, ErrorCode.InvalidRecord, ErrorCode.ProducerFenced, ErrorCode.TransactionAbortable,
    ];

    // Whatever else is in the tables, or will be; no broker has a reason to answer so.
    private static IEnumerable<ErrorCode> Others => Enum.GetValues<ErrorCode>()
        .Except([.. Retriable, .. Refusals, ErrorCode.None, ErrorCode.DuplicateSequenceNumber, ErrorCode.MessageTooLarge, ErrorCode.UnknownServerError])
        .Append((ErrorCode)9_999);

    [Test]
    public async Task An_error_that_passes_costs_nothing([ValueSource(nameof(Retriable))] ErrorCode error, [Values] bool afterAppend, CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.Fail(ApiKey.Produce, error, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: true, $"{error} at request {n}");
            Assert.That(run.Stored, Is.EqualTo(Records), $"{error} at request {n}");
        }
    }

    [Test]
    public async Task A_refusal_costs_its_own_batches_alone([ValueSource(nameof(Refusals))] ErrorCode error, [Values] bool afterAppend, CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.Fail(ApiKey.Produce, error, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: !afterAppend, $"{error} at request {n}");
            Assert.That((run.NotStored, run.Unknown), Is.EqualTo((Records - run.Stored, 0)), $"{error} at request {n}");
            Assert.That(run.NotStored, _requests > n ? Is.Positive.And.LessThan(Records / 2) : Is.Zero, $"{error} at request {n}");
        }
    }

    [Test]
    public async Task An_error_that_says_nothing_of_the_log_leaves_its_own_batches_unknown([Values] bool afterAppend, CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.Fail(ApiKey.Produce, ErrorCode.UnknownServerError, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That((run.NotStored, run.Unknown), Is.EqualTo((0, Records - run.Stored)), $"request {n}");
            Assert.That(run.Unknown, _requests > n ? Is.Positive.And.LessThan(Records / 2) : Is.Zero, $"request {n}");
        }
    }

    // Brokers measure a batch before they do anything else with it: not after the append.
    [Test]
    public async Task A_batch_that_is_called_too_large_arrives_in_parts(CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.Fail(ApiKey.Produce, ErrorCode.MessageTooLarge, new FaultScope { Skip = n, Count = 2 });
            FaultyRun run = await RunAsync(cancellationToken);

            // A batch of one record has no parts: two requests of it at most were called too large.
            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That((run.NotStored, run.Unknown), Is.EqualTo((Records - run.Stored, 0)), $"request {n}");
            Assert.That(run.NotStored, Is.LessThanOrEqualTo(4), $"request {n}");
        }
    }

    // It can only be true after the append.
    [Test]
    public async Task A_duplicate_is_stored(CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.Fail(ApiKey.Produce, ErrorCode.DuplicateSequenceNumber, new FaultScope { Skip = n, AfterHandling = true });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That(run.Stored, Is.EqualTo(Records), $"request {n}");
        }
    }

    [Test]
    public async Task Every_other_code_does_no_harm([Values(0, 3)] int n, [Values] bool afterAppend, CancellationToken cancellationToken)
    {
        foreach (ErrorCode error in Others)
        {
            Cluster.Fail(ApiKey.Produce, error, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: !afterAppend, $"{error}");
            Assert.That(run.Stored, Is.GreaterThan(Records / 2), $"{error}");
        }
    }

    [Test]
    public async Task A_connection_lost_costs_nothing([Values] bool afterAppend, CancellationToken cancellationToken)
    {
        for (int n = 0; n <= _requests; n++)
        {
            Cluster.DropConnection(ApiKey.Produce, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun run = await RunAsync(cancellationToken);

            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That(run.Stored, Is.EqualTo(Records), $"request {n}");
        }
    }

    [Test]
    public async Task An_answer_later_than_the_request_time_out_costs_nothing_whenever_the_request_arrives([Values] bool afterAppend, CancellationToken cancellationToken)
    {
        await using KafkaClient hasty = CreateHastyClient();
        for (int n = 0; n <= _requests; n++)
        {
            using RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { Skip = n, AfterHandling = afterAppend });
            await using Producer<string?, string?> producer = hasty.CreateProducer<string?, string?>(new ProducerOptions { BatchSize = 256 });
            var run = new FaultyRun(Cluster, Topic);
            run.Produce(producer, Records, cancellationToken);

            // The request and those behind it on its connection wait in the broker until the batches have gone again, and arrive among later ones.
            await run.EndAsync();
            _requests = hold.Arrived > 0 ? n + 1 : 0;
            run.Produce(producer, Records, cancellationToken);
            hold.Release();
            await run.EndAsync();

            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That(run.Stored, Is.EqualTo(2 * Records), $"request {n}");
        }
    }

    [Test]
    public async Task A_request_that_outlives_its_deliveries_is_stored_once_at_most_and_unknown([Values] bool afterAppend, CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        await using KafkaClient hasty = CreateClientWithoutPauses(time);
        var options = new ProducerOptions { BatchSize = 256, DeliveryTimeout = 2 * RequestTimeout };
        for (int n = 0; n <= _requests; n++)
        {
            await using Producer<string?, string?> producer = hasty.CreateProducer<string?, string?>(options);
            var run = new FaultyRun(Cluster, Topic);
            using (RequestHold hold = Cluster.Hold(ApiKey.Produce, new FaultScope { Skip = n, Count = int.MaxValue, AfterHandling = afterAppend }))
            {
                run.Produce(producer, Records, cancellationToken);
                Task ended = run.EndAsync();
                await Task.WhenAny(hold.WaitForAsync(1, cancellationToken), ended);
                if (!ended.IsCompleted)
                {
                    // First the request is given up and sent again, then its batches expire.
                    time.Advance(RequestTimeout);
                    await Task.WhenAny(hold.WaitForAsync(2, cancellationToken), ended);
                    time.Advance(options.DeliveryTimeout);
                    await ended.WaitAsync(cancellationToken);
                }

                _requests = hold.Arrived > 0 ? n + 1 : 0;
            }

            // What is produced now meets the requests of those that have ended.
            run.Produce(producer, Records, cancellationToken);
            await run.EndAsync().WaitAsync(cancellationToken);

            run.Judge(trustsRefusals: true, $"request {n}");
            Assert.That(run.Unknown, _requests > n ? Is.Positive : Is.Zero, $"request {n}");
            Assert.That(run.Stored, Is.GreaterThanOrEqualTo(Records), $"request {n}");
        }
    }

    [Test]
    public async Task Without_idempotence_nothing_is_lost_and_one_request_at_a_time_keeps_order([Values(1, 5)] int maxInFlight, [Values] bool afterAppend, CancellationToken cancellationToken)
    {
        var options = new ProducerOptions { BatchSize = 256, Idempotence = false, MaxInFlight = maxInFlight };
        ErrorCode[] errors = [.. Retriable.Except([ErrorCode.OutOfOrderSequenceNumber, ErrorCode.UnknownProducerId, ErrorCode.InvalidProducerEpoch])];
        for (int n = 0; n <= _requests; n++)
        {
            foreach (ErrorCode error in errors)
            {
                Cluster.Fail(ApiKey.Produce, error, new FaultScope { Skip = n, AfterHandling = afterAppend });
                FaultyRun run = await RunAsync(cancellationToken, options);
                run.JudgeAtLeastOnce(isOrdered: maxInFlight == 1, $"{error} at request {n}");
                Assert.That(run.Stored, Is.EqualTo(Records), $"{error} at request {n}");
            }

            Cluster.DropConnection(ApiKey.Produce, new FaultScope { Skip = n, AfterHandling = afterAppend });
            FaultyRun last = await RunAsync(cancellationToken, options);
            last.JudgeAtLeastOnce(isOrdered: maxInFlight == 1, $"connection lost at request {n}");
            Assert.That(last.Stored, Is.EqualTo(Records), $"connection lost at request {n}");
        }
    }

    private KafkaClient CreateClientWithoutPauses(TimeProvider time)
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.TimeProvider = time;
        options.RequestTimeout = RequestTimeout;
        options.RetryBackoff = options.RetryBackoffMax = options.ReconnectBackoff = options.ReconnectBackoffMax = TimeSpan.Zero;
        return new KafkaClient(options);
    }

    private KafkaClient CreateHastyClient()
    {
        KafkaClientOptions options = ClientOptions(Cluster.BootstrapServers);
        options.RequestTimeout = TimeSpan.FromMilliseconds(100);
        return new KafkaClient(options);
    }

    private async Task<FaultyRun> RunAsync(CancellationToken cancellationToken, ProducerOptions? options = null)
    {
        await using Producer<string?, string?> producer = CreateProducer(options ?? new ProducerOptions { BatchSize = 256 });
        var run = new FaultyRun(Cluster, Topic);
        long before = Cluster.ReceivedCount(ApiKey.Produce);
        run.Produce(producer, Records, cancellationToken);
        await run.EndAsync();
        Cluster.ClearFaults();
        _requests = Cluster.ReceivedCount(ApiKey.Produce) - before;
        return run;
    }
}
